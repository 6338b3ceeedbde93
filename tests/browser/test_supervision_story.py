"""Supervision (纪检) reads everything and changes nothing."""

import pytest
from playwright.sync_api import Page
from sqlmodel import Session

from engine.people.accounts import hash_password
from tests.browser.conftest import Site
from tests.browser.desk import Desk
from tests.walks import file_and_establish
from tests.worlds import bureau

pytestmark = pytest.mark.browser
PASSWORD = "a long demo password"
READ = ("/inbox?scope=all", "/cases", "/rounds", "/dashboards", "/exports", "/procedures", "/change/rules")
OWN = ("/preferences", "/sign-out", "/notices", "/views")
"""Language and theme, leaving, one's own notices and saved views are nobody else's business."""


def test_supervision_reads_everything_and_no_button_writes(site: Site, page: Page) -> None:
    """Lists, a case, its round and the draw are open; what would write is absent or disabled, and refused if sent."""
    case_id, round_id = _a_case_is_established(site)
    desk = Desk(page, PASSWORD)
    desk.sign_in("supervision")

    writing = {
        address: found
        for address in (*READ, f"/cases/{case_id}", f"/rounds/{round_id}", f"/rounds/{round_id}/draw")
        if (found := _writing_buttons(page, address))
    }
    token = page.locator("input[name=csrf_token]").first.input_value()
    sent = page.request.post(f"/cases/{case_id}/remarks", form={"csrf_token": token, "text": "同意"})

    assert writing == {}
    assert (sent.status, "纪检账号只能查看" in sent.text()) == (403, True)


def _writing_buttons(page: Page, address: str) -> list[str]:
    """The enabled buttons on a page that send something; the page itself opens."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok, address
    found = []
    for form in page.locator("form[method=post]").all():
        target = form.get_attribute("action") or address
        if not target.startswith(OWN):
            found += form.locator("button:enabled:not([type=button])").all_inner_texts()
    return found


def _a_case_is_established(site: Site) -> tuple[int, int]:
    """A case that went through its round, and the round."""
    with Session(site.engine, expire_on_commit=False) as session:
        world = bureau(session)
        case = file_and_establish(world, "T3-D1-S1")
        world.accounts["supervision"].password_hash = hash_password(PASSWORD)
        session.commit()
        return case.id or 0, 1
