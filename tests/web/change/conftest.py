"""Two administrators, and everybody else, behind a web application on 11 March 2024."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session

from engine.clock import SimulatedClock
from engine.people.accounts import hash_password
from engine.people.models import Account
from engine.vocabulary import Role
from tests.worlds import MARCH, Bureau, bureau
from web import throttle
from web.app import create_app
from web.settings import Settings

PASSWORD = "a long demo password"


@dataclass(frozen=True)
class Office:
    """A bureau behind a web application; `sign_in` gives a client."""

    engine: Engine
    world: Bureau
    sign_in: Callable[[str], FlaskClient]


@pytest.fixture
def template() -> str:
    """A furnished bureau, copied for every test."""
    return "bureau"


@pytest.fixture
def office(database: Engine) -> Iterator[Office]:
    """Accounts with passwords; a second administrator."""
    throttle.forget()
    app = create_app(database, Settings(secret_key="for tests only"), clock=SimulatedClock(MARCH))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

    def sign_in(login: str) -> FlaskClient:
        client = app.test_client()
        assert client.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 302
        return client

    with Session(database, expire_on_commit=False) as session:
        world = bureau(session)
        hashed = hash_password(PASSWORD)
        session.add(Account(login="admin2", name="管理员乙", roles=[Role.ADMIN.value], password_hash=hashed))
        for account in world.accounts.values():
            account.password_hash = hashed
        session.commit()
        yield Office(database, world, sign_in)
