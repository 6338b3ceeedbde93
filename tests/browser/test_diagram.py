"""The diagram in a real browser."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from engine import db
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
