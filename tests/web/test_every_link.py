"""Every link a person is shown opens for that person: no error, no page the role may not see."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from engine.clock import SimulatedClock
from seed.people import DEMO_PASSWORD
from tests.web.crawling import crawl
from tests.web.demo import LOGINS, TODAY, demo_world
from web import throttle
from web.app import create_app
from web.settings import Settings


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The demo world with its cases."""
    return demo_world(tmp_path_factory)


@pytest.fixture
def app(demo: Engine) -> Flask:
    """The application on the demo world."""
    throttle.forget()
    return create_app(demo, Settings(secret_key="for tests only"), clock=SimulatedClock(TODAY))


@pytest.fixture
def enter(app: Flask) -> Callable[[str], FlaskClient]:
    """A client signed in with a demo account."""

    def sign_in(login: str) -> FlaskClient:
        app.config["WTF_CSRF_ENABLED"] = False
        client = app.test_client()
        client.post("/sign-in", data={"login": login, "password": DEMO_PASSWORD})
        return client

    return sign_in


@pytest.mark.parametrize("login", LOGINS)
def test_every_link_opens(app: Flask, enter: Callable[[str], FlaskClient], login: str) -> None:
    """Followed from the first page on."""
    found, broken = crawl(app, enter(login))

    assert broken == []
    assert len(found) > 3
