"""The diagram and the lists in a real browser."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from engine import db
from engine.catalogue.directions import load_catalogue
from seed.catalogue import read_catalogue
from seed.procedures import load_procedures
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def test_a_procedure_is_drawn_with_the_makers_mark(site: Site, page: Page) -> None:
    """The shipped diagram appears under the strict content policy, the bpmn.io mark fully visible."""
    with db.writing(site.engine) as session:
        load_procedures(session, datetime(2024, 1, 1, tzinfo=UTC))

    page.goto("/procedures/in-force/post_subsidy")

    expect(page.locator("[data-diagram][data-ready]")).to_be_visible()
    expect(page.locator(".djs-shape[data-element-id=formal_check]")).to_be_visible()
    mark = page.locator(".bjs-powered-by")
    expect(mark).to_be_in_viewport(ratio=1)


def test_a_list_narrows_while_one_types(site: Site, page: Page) -> None:
    """The list follows the words, and so does the address; the button does the same without scripts."""
    with db.writing(site.engine) as session:
        load_catalogue(session, read_catalogue())
    page.goto("/directions")

    page.get_by_label("查找").press_sequentially("AIGC")

    expect(page.locator("#list tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("words=AIGC"))
