"""Units, experts and users from workbooks: every bad cell is named, and nothing is half made."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select

from engine import history
from engine.errors import Forbidden
from engine.people.accounts import authenticate
from engine.people.models import Account, Expert, Organization
from engine.records.imports.people import identity_check
from engine.records.imports.report import Report
from engine.records.imports.runs import run_import
from engine.records.imports.templates import write_template
from engine.records.workbook_reading import read_sheets
from tests.engine.records.worlds import SETTING, merged, workbook
from tests.worlds import Bureau, code, refusal

PERSON = "45020019860501001" + identity_check("45020019860501001")
OTHER = "45020019860501002" + identity_check("45020019860501002")
WRONG = PERSON[:17] + ("1" if PERSON[17] != "1" else "2")
EXPERT: dict[str, Any] = {
    "登录名": "zhangshi",
    "姓名": "张示例",
    "身份证号": PERSON,
    "工作单位": "示例大学1",
    "职称": "教授",
    "学科代码": "510、520.20",
    "专家类别": "技术、管理",
    "聘期至": date(2028, 12, 31),
    "研究方向": "弧焊过程控制",
}


def _import(world: Bureau, kind: str, *rows: dict[str, Any], by: str = "admin") -> Report:
    title = {"units": "单位", "experts": "专家", "users": "用户"}[kind]
    content = workbook(**{title: rows})
    return run_import(world.session, kind, content, SETTING, actor=world.accounts[by], now=world.now)


def _sentences(report: Report) -> list[str]:
    return [str(problem) for problem in report.problems]


def test_units_come_with_their_links_in_any_order(world: Bureau) -> None:
    """A unit may be named above the line that makes it."""
    report = _import(
        world,
        "units",
        {
            "单位名称": "示例子公司",
            "统一社会信用代码": code("91450200MA0000011"),
            "单位类型": "企业",
            "县区": "示例区",
            "推荐单位": "示例区科技局",
            "控股单位": "示例集团",
            "法定代表人": "示例法人",
        },
        {"单位名称": "示例集团", "统一社会信用代码": code("91450200MA0000012"), "单位类型": "企业"},
    )

    units = {unit.name: unit for unit in world.session.exec(select(Organization))}
    made = units["示例子公司"]
    assert (_sentences(report), [name for _, name, _ in report.made]) == ([], ["示例子公司", "示例集团"])
    assert (made.parent_id, made.recommender_id) == (units["示例集团"].id, units["示例区科技局"].id)
    assert (made.legal_representative, units["示例集团"].legal_representative) == ("示例法人", "")
    assert history.entries(world.session, "imports")[-1].summary == "导入单位 2 条"


def test_every_bad_cell_of_a_file_is_named_at_once(world: Bureau) -> None:
    """Format, choice, checksum, reference and duplicates, each where it stands."""
    good = code("91450200MA0000021")
    report = _import(
        world,
        "units",
        {"单位名称": "甲", "统一社会信用代码": "91450200MA0000021X", "单位类型": "企业"},
        {"单位名称": "乙", "统一社会信用代码": good, "单位类型": "公司"},
        {"单位名称": "丙", "统一社会信用代码": good, "单位类型": "企业", "推荐单位": "没有的局"},
        {"单位名称": "", "统一社会信用代码": code("91450200MA0000022"), "单位类型": "企业"},
        {"单位名称": "丁", "统一社会信用代码": good, "单位类型": "企业"},
    )

    kinds = "企业、高等学校、科研院所、医疗卫生机构、事业单位、科技主管部门、推荐单位"
    assert _sentences(report) == [
        "单位!B2：统一社会信用代码“91450200MA0000021X”不正确（18 位及校验码）；请核对。",
        f"单位!C3：“单位类型”没有“公司”这一项；可填：{kinds}。",
        "单位!D4：没有单位“没有的局”；请先在本表中增加，或改为系统中的全称。",
        "单位!A5：“单位名称”必填，请填写。",
        f"单位!B6：信用代码 {good} 已是“丙”的；请核对是否重复。",
    ]


def test_importing_the_same_file_again_makes_nothing(world: Bureau) -> None:
    """What is there stays as it is."""
    row = {"单位名称": "示例集团", "统一社会信用代码": code("91450200MA0000012"), "单位类型": "企业"}
    _import(world, "units", row)

    again = _import(world, "units", row)

    assert (again.made, again.problems) == ([], [])
    assert again.known == [("单位", "示例集团", "已有，保持不变")]


def test_an_expert_is_made_with_an_account(world: Bureau) -> None:
    """Of the identity number a keyed hash and the year of birth are kept; the first password works."""
    report = _import(world, "experts", EXPERT)

    statement = select(Expert, Account).join(Account, col(Account.id) == Expert.account_id)
    expert, account = world.session.exec(statement.where(Account.login == "zhangshi")).one()
    ((login, name, password),) = report.passwords
    assert (login, name) == ("zhangshi", "张示例")
    assert authenticate(world.session, login, password) is account
    assert (expert.domains, expert.kinds) == (["510", "52020"], ["technical", "management"])
    assert (expert.profile, expert.birth_year) == ("弧焊过程控制", 1986)
    assert PERSON not in str(expert.model_dump()) + str(account.model_dump())


def test_one_identity_number_is_one_expert(world: Bureau) -> None:
    """Twice in one file, or under another login later."""
    report = _import(world, "experts", EXPERT, EXPERT | {"登录名": "zhang2"})
    assert _sentences(report) == ["专家!C3：这个身份证号已属于另一位专家；请核对是否重复录入。"]


def test_a_line_that_repeats_another_is_refused_not_dropped(world: Bureau) -> None:
    """Two people under one login are two people; a file that stands twice for one unit says which line to keep."""
    unit = {"单位名称": "示例集团", "统一社会信用代码": code("91450200MA0000012"), "单位类型": "企业"}
    users = [
        {"登录名": "sl01", "姓名": "李示例", "岗位": "受理员"},
        {"登录名": "sl01", "姓名": "王示例", "岗位": "财务"},
        {"登录名": "intake", "姓名": "赵示例", "岗位": "财务"},
    ]

    assert _sentences(_import(world, "units", unit, unit | {"单位类型": "科研院所"})) == [
        "单位!A3：“示例集团”与第 2 行重复；请只留一行。"
    ]
    assert _sentences(_import(world, "users", *users)) == [
        "用户!A3：“sl01”与第 2 行重复；请只留一行。",
        f"用户!A4：登录名“intake”已是“{world.accounts['intake'].name}”的；请换一个登录名，或改正姓名。",
    ]


def test_one_login_is_one_expert(world: Bureau) -> None:
    """Another person under the login of an expert, in the file or in the pool."""
    twice = _import(world, "experts", EXPERT, EXPERT | {"身份证号": OTHER})
    world.session.rollback()
    _import(world, "experts", EXPERT)

    later = _import(world, "experts", EXPERT | {"身份证号": OTHER})

    assert _sentences(twice) == ["专家!A3：“zhangshi”与第 2 行重复；请只留一行。"]
    assert _sentences(later) == [
        "专家!A2：账号“zhangshi”已是专家库中另一位专家（身份证号不同）；请换登录名，或核对身份证号。"
    ]


def test_an_expert_s_bad_cells_are_named(world: Bureau) -> None:
    """One sentence for each."""
    report = _import(
        world,
        "experts",
        EXPERT | {"身份证号": WRONG, "学科代码": "51", "聘期至": "明年"},
        EXPERT | {"身份证号": OTHER, "登录名": "张", "工作单位": "示例学院"},
    )

    assert _sentences(report) == [
        "专家!C2：身份证号不正确（18 位及校验码）；请核对。",
        "专家!F2：学科代码“51”不正确；应为 GB/T 13745 的 3、5 或 7 位代码。",
        "专家!H2：“聘期至”应为日期，如 2026-05-01，现为“明年”。",
        "专家!D3：没有单位“示例学院”；请先导入单位，或改为系统中的全称。",
    ]


def test_users_come_with_roles_and_units(world: Bureau) -> None:
    """And what an account cannot be is refused where it stands."""
    report = _import(
        world,
        "users",
        {"登录名": "sl01", "姓名": "李示例", "岗位": "受理员、规配科", "邮箱": "li@example.cn"},
        {"登录名": "sb01", "姓名": "王示例", "岗位": "申报单位"},
        {"登录名": "sb02", "姓名": "赵示例", "岗位": "申报单位", "所属单位": "示例机械有限公司"},
    )

    made = dict(world.session.exec(select(Account.login, Account.roles)).all())
    assert _sentences(report) == ["用户!A3：岗位“申报单位”只办理本单位的事项，请选择所属单位。"]
    assert (made["sl01"], made["sb02"]) == (["intake", "planning"], ["applicant"])


def test_headings_may_stand_in_any_order_but_must_be_ours(world: Bureau) -> None:
    """A column nobody knows, and one that is missing."""
    report = _import(world, "users", {"姓名": "李示例", "登陆名": "sl01", "岗位": "受理员"})

    assert _sentences(report) == [
        "用户!1：缺少“登录名”这一列；请使用模板。",
        "用户!B1：没有“登陆名”这一列；请使用模板的列名，多余的列请删除。",
    ]


def test_only_an_administrator_imports_people(world: Bureau) -> None:
    """Nor may supervision, who only reads."""
    for login in ("intake", "supervision"):
        with pytest.raises(Forbidden):
            _import(world, "users", {"登录名": "x1", "姓名": "甲", "岗位": "受理员"}, by=login)


def test_a_failed_formula_a_merged_cell_and_a_number_too_large_are_named(world: Bureau) -> None:
    """None of them is quietly taken for an empty cell."""
    rows = [
        {"登录名": "e01", "姓名": "#N/A", "每年最多评审数": 10**30},
        {"登录名": "", "姓名": "李示例", "每年最多评审数": 5},
    ]
    content = merged(workbook(专家=[EXPERT | row for row in rows]), "A2:A3")

    report = run_import(
        world.session, "experts", content, SETTING, actor=world.accounts["admin"], now=world.now
    )

    assert _sentences(report) == [
        "专家!B2：“姓名”的公式出错（#N/A）；请改正公式，或粘贴为数值。",
        "专家!J2：“每年最多评审数”应为整数，不超过 1000000，现为“1000000000000000019884624838656”。",
        "专家!A3：“登录名”在合并单元格里；请取消合并，逐行填写。",
    ]


def test_what_nobody_sees_in_a_cell_does_not_come_in(world: Bureau) -> None:
    """A mark of zero width, a turned direction, a line break inside a name."""
    unit = {
        "单位名称": "示例\n集团\u200b",
        "统一社会信用代码": "\ufeff" + code("91450200MA0000012"),
        "单位类型": "\u202e企业",
    }

    report = _import(world, "units", unit)

    assert (_sentences(report), report.made) == ([], [("单位", "示例 集团", code("91450200MA0000012"))])


@pytest.mark.parametrize("kind", ["units", "experts", "users", "applications"])
def test_an_untouched_template_is_readable_and_asks_to_be_filled(world: Bureau, kind: str) -> None:
    """Its headings are those the import knows; its guide has an example and what may be entered."""
    content = write_template(kind, SETTING.words)
    report = run_import(world.session, kind, content, SETTING, actor=world.accounts["admin"], now=world.now)
    guide = read_sheets(content)["填写说明"]

    assert [problem.sentence for problem in report.problems] == ["没有要导入的内容；请从第 2 行起填写。"]
    assert guide[2] == ["工作表", "列", "列名", "必填", "可填内容", "示例", "说明"]
    assert all(line[4] for line in guide[3:])


def test_a_formula_of_somebody_s_is_only_text(session: Session, world: Bureau) -> None:
    """A name that begins like a formula stays the text it is."""
    _import(world, "users", {"登录名": "f01", "姓名": "=1+1", "岗位": "受理员"})
    assert refusal(lambda: _import(world, "users", by="intake")) == "只有管理员可以修改流程、参数和用户。"
