"""An applicant's story: a check that turns red then green, a correction asked for and made, a status to follow."""

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from engine.cases.models import WorkItem
from engine.people.accounts import hash_password
from engine.people.models import Account
from tests.browser.conftest import Site
from tests.browser.desk import Desk
from tests.worlds import bureau

pytestmark = pytest.mark.browser
PASSWORD = "a long demo password"
ASKED = "请补充单位盖章页"


@pytest.fixture
def template() -> str:
    """A furnished bureau."""
    return "bureau"


def test_an_applicant_files_corrects_and_follows_the_application(site: Site, page: Page) -> None:
    """Every step by using the pages: nothing is typed twice, and each page says what comes next."""
    _passwords(site)
    desk = Desk(page, PASSWORD)

    _begin(desk, page)
    _fill_in(page)
    _recommend_and_ask(desk, page, site)
    _correct(desk, page)

    expect(page.locator("#standing")).to_contain_text("推荐单位已推荐，等待受理，预计 2024-")
    expect(page.locator("#todo")).to_contain_text("现在没有需要您办理的事")
    expect(page.locator("#notices")).to_contain_text(ASKED)


def _begin(desk: Desk, page: Page) -> None:
    desk.sign_in("applicant")
    page.goto("/applications")
    page.get_by_role("button", name="选择方向，新建申报").click()
    page.get_by_role("button", name="开始填报 E-D1-S1").click()
    expect(page.locator("#standing")).to_have_text("申报书填写中，尚未提交。")
    page.locator("#todo").get_by_role("button", name="填报申报书").click()


def _fill_in(page: Page) -> None:
    ratio = page.locator('[data-condition="self_raised_ratio"]')
    expect(ratio).to_have_class("is-unknown")
    page.get_by_label("项目名称").fill("示例医疗器械研发")
    page.get_by_label("申请财政经费（元）").press_sequentially("100000")
    page.get_by_label("计划自筹经费（元）").press_sequentially("300000")
    expect(ratio).to_have_class("is-unmet")
    expect(ratio).to_contain_text("自筹至少应为 400,000 元")

    page.get_by_label("计划自筹经费（元）").fill("400000")

    expect(ratio).to_have_class("is-met")
    _send(page, "提交")
    expect(page.locator("#standing")).to_contain_text("已提交，推荐单位审核中，预计")


def _recommend_and_ask(desk: Desk, page: Page, site: Site) -> None:
    desk.sign_in("recommender")
    page.goto("/recommending")
    page.locator("#waiting tbody a[role=button]").click()
    _send(page, "推荐")
    expect(page.locator(".message[role=status]").first).to_be_visible()
    desk.sign_in("intake")
    page.goto(f"/tasks/{_open_step(site, 'intake')}")
    page.locator(".task").first.get_by_label("意见").fill(ASKED)
    _send(page, "补正")
    expect(page.locator(".message[role=status]").first).to_be_visible()


def _correct(desk: Desk, page: Page) -> None:
    desk.sign_in("applicant")
    page.goto("/applications")
    page.get_by_role("button", name="补正材料").click()
    expect(page.locator("#asked")).to_contain_text(f"需补正：{ASKED}。请于 2024-03-18 前补正")
    expect(page.get_by_label("项目名称")).to_have_value("示例医疗器械研发")
    page.get_by_label("申报单位盖章").select_option("yes")
    expect(page.locator('[data-condition="unit_sealed"]')).to_have_class("is-met")
    _send(page, "提交")


def _send(page: Page, way: str) -> None:
    page.locator(".task").get_by_role("radio", name=way, exact=True).check()
    page.locator(".task form").first.get_by_role("button", name="提交", exact=True).click()


def _open_step(site: Site, element: str) -> int:
    with Session(site.engine.execution_options(read_only=True)) as session:
        found = select(WorkItem.id).where(WorkItem.element == element, WorkItem.status == "open")
        return session.exec(found).one() or 0


def _passwords(site: Site) -> None:
    with Session(site.engine) as session:
        bureau(session)
        hashed = hash_password(PASSWORD)
        for account in session.exec(select(Account)):
            account.password_hash = hashed
        session.commit()
