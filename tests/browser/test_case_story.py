"""A case's page lived with: half a form, a file, a remark, a slip corrected, a step taken back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from engine.people.accounts import hash_password
from engine.people.models import Account
from tests.browser.conftest import Site
from tests.browser.desk import Desk
from tests.truth import untruths
from tests.worlds import Bureau, bureau

pytestmark = pytest.mark.browser
PASSWORD = "a long demo password"
WORKING = "T3-D1-S1"


def test_half_a_form_a_file_a_remark_a_correction_and_a_step_back(
    site: Site, page: Page, tmp_path: Path
) -> None:
    """What was entered is there on coming back; what went wrong is mended in the open."""
    with Session(site.engine, expire_on_commit=False) as session:
        world = bureau(session)
        hashed = hash_password(PASSWORD)
        for account in session.exec(select(Account)):
            account.password_hash = hashed
        case = world.open(WORKING)
        session.commit()
        desk, address = Desk(page, PASSWORD), f"/cases/{case.id}"

        _half_a_form(desk, address)
        _a_file(desk, tmp_path)
        _send_it(desk, address, world)
        _remark_correct_and_go_back(desk, address)

    with Session(site.engine) as session:
        assert untruths(session) == []


def _half_a_form(desk: Desk, address: str) -> None:
    page = desk.page
    desk.sign_in("applicant")
    page.goto(address)
    page.get_by_label("项目名称").fill("示例电控单元研发")
    page.get_by_label("申请财政经费（元）").fill("30万")
    expect(page.locator("[data-draft-said]")).to_contain_text("草稿已于")
    page.get_by_label("项目负责人", exact=True).fill("示例负贵人")
    page.goto("/")
    page.goto(address)
    expect(page.get_by_label("项目名称")).to_have_value("示例电控单元研发")
    expect(page.get_by_label("申请财政经费（元）")).to_have_value("30万")
    expect(page.get_by_label("项目负责人", exact=True)).to_have_value("示例负贵人")


def _a_file(desk: Desk, folder: Path) -> None:
    page, paper = desk.page, folder / "实施方案.pdf"
    paper.write_bytes(b"%PDF-1.7 an example")
    page.get_by_text("上传附件", exact=True).click()
    page.get_by_label("文件", exact=True).set_input_files(paper)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator("ul.files")).to_contain_text("第 1 版")
    with page.expect_download() as got:
        page.get_by_role("link", name="实施方案.pdf").click()
    assert got.value.path().read_bytes() == b"%PDF-1.7 an example"


def _send_it(desk: Desk, address: str, world: Bureau) -> None:
    """The draft is put right and sent; the recommending unit then seals it."""
    page = desk.page
    page.get_by_label("申请财政经费（元）").fill("300000")
    page.locator(".task").get_by_role("radio", name="提交", exact=True).check()
    page.locator(".task .actions button").first.click()
    expect(page.locator(".message[role=status]")).to_contain_text("已办理")
    world.session.expire_all()
    world.do("recommend", "recommend")
    world.session.commit()
    page.goto(address)
    expect(page.locator(".timeline")).to_contain_text("上传附件“实施方案.pdf”")


def _remark_correct_and_go_back(desk: Desk, address: str) -> None:
    page = desk.page
    desk.sign_in("intake")
    page.goto(address)
    page.get_by_label("留言内容").fill("负责人姓名有误，已电话核实")
    page.get_by_role("button", name="留言", exact=True).click()
    expect(page.locator("#remarks .internal")).to_contain_text("已电话核实")
    page.get_by_text("更正笔误", exact=True).click()
    page.get_by_label("更正哪一项").select_option(label="填报申报书 · 项目负责人：示例负贵人")
    page.get_by_label("更正为").fill("示例负责人")
    page.get_by_label("更正理由").fill("单位来函")
    page.get_by_role("button", name="更正", exact=True).click()
    expect(page.locator(".timeline .mended")).to_contain_text("“示例负贵人”改为“示例负责人”（单位来函）")
    desk.sign_in("applicant")
    page.goto(address)
    expect(page.locator("#remarks")).not_to_contain_text("电话核实")
    desk.sign_in("programme")
    page.goto(address)
    page.locator("summary", has_text="退回办理").click()
    page.get_by_label("理由", exact=True).fill("推荐函未盖章")
    page.locator("#mend").get_by_role("button", name="退回办理").click()
    expect(page.locator(".timeline")).to_contain_text("退回到“审核推荐”：推荐函未盖章")
    expect(page.locator(".sentence")).to_contain_text("审核推荐")
