"""Every page, in both languages and both themes: usable by everybody, and on a phone."""

from collections.abc import Iterator
from itertools import groupby

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine

from engine.clock import SimulatedClock
from seed.people import DEMO_PASSWORD
from tests.browser.axe import grave_violations
from tests.browser.conftest import serving
from tests.browser.every_page import Visit, unvisited, visits
from tests.web.demo import TODAY, demo_world
from web import throttle
from web.app import create_app
from web.settings import Settings

pytestmark = pytest.mark.browser
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
DRAWN = (
    "() => [...document.querySelectorAll('[data-diagram], [data-editor]')].every((one) => one.dataset.ready)"
)
TOO_WIDE = "() => document.scrollingElement.scrollWidth > innerWidth + 1"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The demo world with its cases."""
    return demo_world(tmp_path_factory)


@pytest.fixture(scope="module")
def app(demo: Engine) -> Flask:
    """The application on the demo world; its forms need no token, for the browser only looks."""
    throttle.forget()
    made = create_app(demo, Settings(secret_key="for tests only"), clock=SimulatedClock(TODAY))
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture(scope="module")
def opened(app: Flask, demo: Engine) -> list[Visit]:
    """What is visited."""
    return visits(app, demo)


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    """Where the application is served."""
    with serving(app) as found:
        yield found


def test_no_page_is_left_out(app: Flask, opened: list[Visit]) -> None:
    """A new page is reached by a link, or named in every_page.py."""
    assert unvisited(app, opened) == set()


def test_no_page_shuts_anybody_out(browser: Browser, address: str, opened: list[Visit]) -> None:
    """axe-core finds nothing serious or critical; no page is wider than a phone."""
    problems = []
    for login, pages in groupby(sorted(opened, key=lambda visit: visit.login), key=lambda visit: visit.login):
        context = browser.new_context(base_url=address)
        if login:
            context.request.post("/sign-in", form={"login": login, "password": DEMO_PASSWORD})
        problems += _walk(context.new_page(), address, list(pages))
        context.close()

    assert problems == []


def _walk(page: Page, address: str, visits: list[Visit]) -> list[str]:
    problems = []
    for language, theme in (("zh", "light"), ("en", "dark")):
        chosen = {"language": language, "theme": theme}
        page.context.add_cookies(
            [{"name": name, "value": value, "url": address} for name, value in chosen.items()]
        )
        for visit in visits:
            page.set_viewport_size(DESK)
            page.goto(visit.address)
            page.wait_for_function(DRAWN)
            problems += [f"{visit} {language} {theme}: {found}" for found in _problems(page)]
    return problems


def _problems(page: Page) -> list[str]:
    found = grave_violations(page)
    page.set_viewport_size(PHONE)
    if page.evaluate(TOO_WIDE):
        found.append("wider than a phone")
    return found
