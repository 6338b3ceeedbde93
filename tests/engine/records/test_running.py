"""Projects already running (存量项目): each stands where it stands, with its milestones and earlier payments."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from engine import history
from engine.cases.filing import stated_facts
from engine.cases.models import CaseFile, PaymentOrder
from engine.money import ledger
from engine.money.models import Commitment
from engine.records.imports.report import Report
from engine.records.imports.runs import run_import
from engine.simulation.invariants import check_all
from tests.engine.records.worlds import SETTING, workbook
from tests.walks import accept, pay
from tests.worlds import Bureau

pytestmark = pytest.mark.usefixtures("true_rows")
PROJECT: dict[str, Any] = {
    "序号": "1",
    "进入环节": "实施",
    "项目编号": "2023-旧-001",
    "方向代码": "T3-D1-S1",
    "项目名称": "示例存量项目",
    "申报单位": "示例机械有限公司",
    "项目负责人": "王示例",
    "立项金额（元）": 300000,
    "立项文号": "示科发〔2023〕1号",
    "项目总投入（元）": 9000000,
    "计划自筹经费（元）": 8000000,
    "自筹中的财政资金（元）": 0,
    "项目开始日期": date(2023, 7, 1),
    "项目结束日期": date(2025, 6, 30),
}
NODES = [
    {"序号": "1", "节点名称": "样机", "完成日期": date(2024, 1, 1), "拨付比例（%）": 40, "已通过": "是"},
    {"序号": "1", "节点名称": "量产", "完成日期": date(2024, 12, 1), "拨付比例（%）": 30, "已通过": "否"},
    {"序号": "1", "节点名称": "验收", "完成日期": date(2025, 6, 1), "拨付比例（%）": 30, "已通过": "否"},
]
PAID = {
    "序号": "1",
    "节点序号": 1,
    "拨付金额（元）": 400000,
    "拨付日期": date(2024, 1, 20),
    "支付凭证号": "旧-01",
}
MILESTONE = PROJECT | {"方向代码": "F-D4-S1-S1", "立项金额（元）": 1000000}


def _import(world: Bureau, by: str = "admin", **sheets: list[dict[str, Any]]) -> Report:
    return run_import(
        world.session,
        "applications",
        workbook(**sheets),
        SETTING,
        actor=world.accounts[by],
        now=world.now,
    )


def _held(world: Bureau) -> bool:
    world.session.flush()
    return all(invariant.held for invariant in check_all(world.session))


def _only(world: Bureau) -> CaseFile:
    return world.session.exec(select(CaseFile)).one()


@pytest.fixture
def milestone(world: Bureau) -> dict[str, Any]:
    """The project, in a direction that is paid by milestones."""
    from engine.catalogue.directions import list_directions  # noqa: PLC0415

    found = next(one for one in list_directions(world.session) if one.payment_trigger == "milestone")
    return MILESTONE | {"方向代码": found.code}


@pytest.mark.parametrize(
    ("stage", "step", "status"),
    [("实施", "report", "active"), ("结题验收", "apply_acceptance", "closing")],
)
def test_a_project_stands_where_it_stands(world: Bureau, stage: str, step: str, status: str) -> None:
    """Its commitment is entered, and one line of history says that it was brought in."""
    report = _import(world, 项目=[PROJECT | {"进入环节": stage}])

    case = _only(world)
    told = history.entries(world.session, f"case:{case.id}")
    assert (report.problems, world.open_steps(), case.status) == ([], [step], status)
    assert (case.number, ledger.balance(world.session, case.id or 0).committed_fen) == (
        "2023-旧-001",
        30000000,
    )
    assert [entry.verb for entry in told] == ["import", "commit"]
    assert world.session.exec(select(Commitment.reference)).one() == "示科发〔2023〕1号"
    assert told[0].summary == (
        f"存量项目导入：从“{stage}”环节进入，此前环节已在系统启用前办结（立项文号 示科发〔2023〕1号）"
    )
    assert _held(world)


def test_its_facts_are_those_of_any_application(world: Bureau) -> None:
    """The unit's report page weighs its figures by what the project is."""
    _import(world, 项目=[PROJECT], 考核指标=[])

    case = _only(world)
    assert (case.title, case.facts["leader_name"]) == ("示例存量项目", "王示例")
    assert stated_facts(case).self_raised_yuan == 8000000


def test_its_team_comes_from_a_sheet_of_its_own(world: Bureau) -> None:
    """One line a member, by the project's number in the file."""
    team = [
        {"序号": "1", "姓名": "示例成员甲", "出生年份": 1990},
        {"序号": "1", "姓名": "乙", "工作单位": "示例大学1"},
    ]
    report = _import(world, 项目=[PROJECT], 项目组成员=team)

    assert (report.problems, _only(world).facts["team"]) == (
        [],
        [
            {"name": "示例成员甲", "unit": "", "birth_year": 1990, "duty": ""},
            {"name": "乙", "unit": "示例大学1", "duty": ""},
        ],
    )


def test_a_member_that_cannot_be_is_named_at_the_cell(world: Bureau) -> None:
    """A year nobody was born in, a name that is no name, a project that is not in the file."""
    team = [
        {"序号": "1", "姓名": "长" * 41, "出生年份": 90},
        {"序号": "7", "姓名": "丙", "出生年份": ""},
    ]
    report = _import(world, 项目=[PROJECT], 项目组成员=team)

    assert [problem.cell for problem in report.problems] == [
        "项目组成员!B2",
        "项目组成员!C2",
        "项目组成员!A3",
    ]


def test_it_then_goes_on_to_its_payment(world: Bureau) -> None:
    """As if it had always been here."""
    _import(world, 项目=[PROJECT | {"进入环节": "结题验收"}])
    accept(world, verified_self_raised="8000000", total_investment_verified="9000000")
    pay(world, "2024-100")

    case = _only(world)
    assert case.status == "paid"
    assert ledger.balance(world.session, case.id or 0).paid_fen > 0
    assert _held(world)


def test_earlier_payments_come_with_their_derivation(world: Bureau, milestone: dict[str, Any]) -> None:
    """A passed milestone was paid; the next one is reported on now."""
    report = _import(world, 项目=[milestone], 里程碑=NODES, 已拨付=[PAID])

    case = _only(world)
    assert ([str(one) for one in report.problems], world.open_steps()) == ([], ["node_report"])
    (paid,) = ledger.payments(world.session, case.id or 0)
    order = world.session.exec(select(PaymentOrder)).one()
    assert (paid.amount_fen, paid.tranche, paid.year, paid.reference) == (40000000, 1, 2024, "旧-01")
    assert paid.derivation == order.derivation
    assert ledger.year_left(world.session, 2024) == 10**12
    assert _held(world)


def test_a_payment_the_rule_does_not_give_is_named(world: Bureau, milestone: dict[str, Any]) -> None:
    """With what it should have been; the project is not made."""
    report = _import(world, 项目=[milestone], 里程碑=NODES, 已拨付=[PAID | {"拨付金额（元）": 500000}])

    assert [str(one) for one in report.problems] == [
        "已拨付!C2：按本方向的规则这一笔应为 400000.00 元，表中为 500000.00 元；请核对金额、立项金额和拨付比例。"
    ]
    assert world.session.exec(select(CaseFile)).all() == []


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        ({"方向代码": "T9"}, "项目!D2"),
        ({"申报单位": "没有的公司"}, "项目!F2"),
        ({"立项金额（元）": "三十万"}, "项目!H2"),
        ({"立项金额（元）": 999999999}, "项目!H2"),
        ({"项目结束日期": date(2023, 1, 1)}, "项目!N2"),
        ({"申报账号": "intake"}, "项目!O2"),
        ({"项目编号": ""}, "项目!C2"),
        ({"立项金额（元）": ""}, "项目!H2"),
        ({"项目开始日期": ""}, "项目!M2"),
    ],
)
def test_a_project_that_cannot_be_is_named_at_its_cell(
    world: Bureau, change: dict[str, Any], cell: str
) -> None:
    """One cell, one sentence."""
    report = _import(world, 项目=[PROJECT | change])
    assert [problem.cell for problem in report.problems] == [cell], [str(one) for one in report.problems]


def test_milestones_hold_together(world: Bureau, milestone: dict[str, Any]) -> None:
    """A later one cannot have passed before an earlier one."""
    nodes = [NODES[0] | {"已通过": "否"}, NODES[1] | {"已通过": "是"}, NODES[2]]
    report = _import(world, 项目=[milestone], 里程碑=nodes)

    assert [problem.cell for problem in report.problems] == ["里程碑!E3"]


def test_everything_wrong_with_a_project_is_said_at_once(world: Bureau, milestone: dict[str, Any]) -> None:
    """The amount, the shares and the last node, each at its cell."""
    nodes = [
        NODES[0] | {"已通过": "是"},
        NODES[1] | {"已通过": "是"},
        NODES[2] | {"已通过": "是", "拨付比例（%）": 20},
    ]
    report = _import(world, 项目=[milestone | {"项目总投入（元）": 7000000}], 里程碑=nodes)

    assert [problem.cell for problem in report.problems] == ["里程碑!D2", "里程碑!E4", "项目!H2"]


def test_two_projects_under_one_number_are_not_one(world: Bureau) -> None:
    """The second is named, not taken for the first."""
    report = _import(world, 项目=[PROJECT, PROJECT | {"序号": "2", "项目名称": "另一项目"}])

    assert [str(one) for one in report.problems] == ["项目!C3：“2023-旧-001”与第 2 行重复；请只留一行。"]


def test_an_amount_a_formula_worked_out_is_what_excel_shows(world: Bureau) -> None:
    """Excel keeps fifteen digits; the noise behind them is no third decimal."""
    report = _import(world, 项目=[PROJECT | {"立项金额（元）": 3 * 66666.7}])

    assert ([str(one) for one in report.problems], _only(world).approved_fen) == ([], 20000010)


def test_a_new_application_on_paper_waits_for_its_recommendation(world: Bureau) -> None:
    """Intake enters it on the unit's behalf, through the door."""
    filed = PROJECT | {"进入环节": "申报", "项目编号": "", "立项金额（元）": "", "申请财政经费（元）": 300000}
    report = _import(world, "intake", 项目=[filed])

    case = _only(world)
    told = history.entries(world.session, f"case:{case.id}")
    assert ([str(one) for one in report.problems], world.open_steps()) == ([], ["recommend"])
    assert (case.requested_fen, case.applicant_id) == (30000000, world.accounts["applicant"].id)
    assert told[-1].on_behalf_of == "示例机械有限公司"


def test_the_same_paper_is_not_filed_twice(world: Bureau) -> None:
    """The file sent in again, before the application has a number."""
    filed = PROJECT | {"进入环节": "申报", "项目编号": "", "申请财政经费（元）": 300000}
    _import(world, "intake", 项目=[filed])

    again = _import(world, "intake", 项目=[filed])

    assert (again.made, again.problems) == ([], [])
    assert again.known == [("项目", "示例存量项目", "该单位在本方向已有同名申报，保持不变")]


def test_paper_is_entered_by_intake_only(world: Bureau) -> None:
    """An administrator brings in running projects, never a new application."""
    report = _import(world, 项目=[PROJECT | {"进入环节": "申报", "项目编号": ""}])
    assert [problem.cell for problem in report.problems] == ["项目!E2"]
    assert world.session.exec(select(CaseFile)).all() == []


def test_a_project_that_is_there_stays(world: Bureau) -> None:
    """By its number."""
    _import(world, 项目=[PROJECT])
    assert _import(world, 项目=[PROJECT]).known == [("项目", "2023-旧-001", "已有，保持不变")]
