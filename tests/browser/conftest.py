"""A real Chromium on a real server. Without a Chromium the tests are skipped here and fail in CI."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import pytest
import waitress
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine

from engine.clock import SimulatedClock
from tests.browser import chromium
from tests.worlds import MARCH
from web.app import create_app
from web.settings import Settings


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this process."""
    with sync_playwright() as playwright:
        started = chromium.start(playwright)
        if isinstance(started, str):
            (pytest.fail if os.environ.get("CI") else pytest.skip)(started)
        yield started
        started.close()


@dataclass(frozen=True)
class Site:
    """A running server: its address, the database behind it and the clock it reads."""

    address: str
    engine: Engine
    clock: SimulatedClock


def _serve(server: waitress.server.BaseWSGIServer, stopping: Event) -> None:
    """Serve until closed: the loop may still be waiting on the socket when another thread closes it."""
    try:
        server.run()
    except OSError:
        if not stopping.is_set():
            raise


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Waitress on a free port; its address."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    stopping = Event()
    thread = Thread(target=_serve, args=(server, stopping), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    stopping.set()
    server.close()
    thread.join(timeout=5)


@pytest.fixture
def site(database: Engine) -> Iterator[Site]:
    """The test's own database, on 11 March 2024 until the test moves on."""
    clock = SimulatedClock(MARCH)
    with serving(create_app(database, Settings(secret_key="for tests only"), clock=clock)) as address:
        yield Site(address, database, clock)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A fresh tab; a script error or a refused resource on any page fails the test."""
    context = browser.new_context(base_url=site.address, locale="zh-CN")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()
    assert complaints == []
