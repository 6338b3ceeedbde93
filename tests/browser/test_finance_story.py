"""A finance officer's one step: the approved order is read, paid and found again in the year's list."""

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from engine.people.accounts import hash_password
from tests.browser.conftest import Site
from tests.browser.desk import Desk
from tests.walks import accept, file_and_establish, sign_task_book
from tests.worlds import bureau

pytestmark = pytest.mark.browser
PASSWORD = "a long demo password"


def test_finance_records_a_payment_and_finds_it_in_the_list(site: Site, page: Page) -> None:
    """The amount stands with its derivation before it is paid, and in the year's list afterwards."""
    unit, year = _an_order_waits(site)
    desk = Desk(page, PASSWORD)
    desk.sign_in("finance")
    desk.open("登记拨付")
    expect(page.locator("#money")).to_contain_text("¥123,457.00")
    expect(page.locator("#money .derivation")).to_contain_text("1,234,565")

    page.get_by_label("支付凭证号").fill("示例凭证1")
    desk.decide()

    expect(page.locator("h1")).to_contain_text("已拨付")
    page.goto(f"/exports/payments/{year}")
    rows = page.locator("tbody tr").filter(has_text=unit)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("12.35")


def _an_order_waits(site: Site) -> tuple[str, int]:
    """The unit whose order is approved, and the year it is paid in."""
    with Session(site.engine, expire_on_commit=False) as session:
        world = bureau(session)
        file_and_establish(world, "T3-D1-S1")
        sign_task_book(world)
        world.do("report", "finish")
        accept(world, verified_self_raised="1234565")
        for step, way in (("review_payment", "agree"), ("budget", "arrange"), ("approve_payment", "approve")):
            world.do(step, way)
        world.accounts["finance"].password_hash = hash_password(PASSWORD)
        session.commit()
        return world.unit.name, site.clock.now().year
