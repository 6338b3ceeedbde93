"""An approver's morning: keys through the list, the next one opens, a view kept, the rest signed in bulk."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.cases import door
from engine.cases.models import CaseFile, WorkItem
from engine.people.accounts import hash_password
from engine.people.models import Account
from engine.reviewing import rounds
from tests.browser.conftest import Site
from tests.browser.desk import Desk
from tests.engine.reviewing.worlds import DIRECTION, batch
from tests.walks import RUBRIC, decide_round
from tests.worlds import bureau

pytestmark = pytest.mark.browser
PASSWORD = "a long demo password"
CASES = 5
STEP = "sign_task_book"


def test_an_approver_signs_one_by_keys_and_the_rest_in_bulk(site: Site, page: Page) -> None:
    """Five task-books: one by hand, one a colleague holds, one a colleague is quicker with, two in bulk."""
    _five_task_books(site)
    Desk(page, PASSWORD).sign_in("approver")

    _by_keys(page)
    _keep_a_view(page)
    assert _preview(page) == {
        "示例项目 2": ("不能", "该待办已由他人签收，只能由其本人办理。"),
        "示例项目 3": ("可以", "下一步：提交进展报告（申报单位）"),
        "示例项目 4": ("可以", "下一步：提交进展报告（申报单位）"),
        "示例项目 5": ("可以", "下一步：提交进展报告（申报单位）"),
    }
    _a_colleague_is_quicker(site, "示例项目 4")
    page.get_by_role("button", name="确认办理 3 件").click()

    expect(page.locator(".sentence")).to_have_text("“签署任务书”：签署。成功 2 件，未成功 1 件。")
    assert _lines(page.locator("table.bulk")) == {
        "示例项目 3": ("成功", "下一步：提交进展报告（申报单位）"),
        "示例项目 4": (
            "未成功",
            "待办“签署任务书”已由示例分管领导乙办结，不能重复办理；请刷新页面查看最新进展。",
        ),
        "示例项目 5": ("成功", "下一步：提交进展报告（申报单位）"),
    }
    assert _still_open(site) == ["示例项目 2"]


def _by_keys(page: Page) -> None:
    """Down, up, open, take into one's hands, sign; the next one opens by itself."""
    page.goto("/inbox?scope=group&sort=oldest")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("下一页 / 上一页")
    page.keyboard.press("Escape")
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("o")
    expect(page.locator("#detail h1")).to_contain_text("示例项目 1")
    page.get_by_role("button", name="签收").click()
    expect(page.locator("#detail")).to_contain_text("经办人：示例分管领导")
    page.get_by_role("radio", name="签署", exact=True).check()
    page.locator("#detail .task form").first.get_by_role("button", name="提交").click()
    expect(page.locator(".message[role=status]")).to_contain_text("已办理：签署任务书")
    expect(page.locator("#detail h1")).to_contain_text("示例项目 3")


def _keep_a_view(page: Page) -> None:
    """The filters under a name; opened again by its own address they are the same."""
    page.goto(f"/inbox?scope=all&element={STEP}&sort=oldest")
    page.get_by_text("保存或删除").click()
    page.get_by_label("视图名称").fill("待签任务书")
    page.get_by_role("button", name="保存当前条件").click()
    kept = page.get_by_role("link", name="待签任务书").get_attribute("href") or ""
    page.goto("/")
    page.goto(kept)
    expect(page).to_have_url(re.compile(f"scope=all&element={STEP}&sort=oldest"))
    expect(page.locator("[data-row]")).to_have_count(CASES - 1)


def _preview(page: Page) -> dict[str, tuple[str, str]]:
    """Every row ticked, the decision chosen; what would happen to each, before anything does."""
    page.get_by_label("选中本页").check()
    page.get_by_role("button", name="批量办理所选").click()
    page.get_by_role("radio", name="签署", exact=True).check()
    page.get_by_label("意见").fill("同意签署")
    page.get_by_role("button", name="预览").click()
    expect(page.locator(".sentence")).to_contain_text("共 4 件，可以办理 3 件，不能办理 1 件")
    return _lines(page.locator("table.bulk"))


def _lines(table: Locator) -> dict[str, tuple[str, str]]:
    """Title, whether it goes, and the sentence, of every line."""
    cells = [
        [cell.inner_text().strip() for cell in row.locator("td").all()]
        for row in table.locator("tbody tr").all()
    ]
    return {title: (fine, sentence) for _, title, fine, sentence in cells}


def _five_task_books(site: Site) -> None:
    with Session(site.engine, expire_on_commit=False) as session:
        world = bureau(session)
        cases = batch(world, CASES)
        for number, case in enumerate(cases, start=1):
            case.title = f"示例项目 {number}"
        rounds.open_round(session, DIRECTION, actor=world.accounts["programme"], now=world.now)
        world.do("group", "confirm")
        world.seat_panel()
        world.score_all(RUBRIC)
        decide_round(world)
        for case in cases:
            world.accounts["applicant"].organization_id = case.unit_id
            for step, way in (
                ("draft_task_book", "submit"),
                ("unit_confirm", "agree"),
                ("office_confirm", "agree"),
            ):
                world.do(step, way, case)
        other = Account(login="approver2", name="示例分管领导乙", password_hash="-", roles=["approver"])
        session.add(other)
        session.flush()
        world.item(STEP, cases[1]).holder_id = other.id
        world.accounts["approver"].password_hash = hash_password(PASSWORD)
        session.commit()


def _a_colleague_is_quicker(site: Site, title: str) -> None:
    with Session(site.engine, expire_on_commit=False) as session:
        other = session.exec(select(Account).where(Account.login == "approver2")).one()
        item = session.exec(_open_steps().where(CaseFile.title == title)).one()
        door.complete(session, item.id or 0, actor=other, payload={"outcome": "sign"}, now=site.clock.now())
        session.commit()


def _still_open(site: Site) -> list[str]:
    with Session(site.engine) as session:
        return [session.get_one(CaseFile, item.case_id).title for item in session.exec(_open_steps())]


def _open_steps() -> SelectOfScalar[WorkItem]:
    """The task-books still to be signed."""
    joined = select(WorkItem).join(CaseFile, col(CaseFile.id) == WorkItem.case_id)
    return joined.where(WorkItem.element == STEP, WorkItem.status == "open")
