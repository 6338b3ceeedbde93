"""A web application on a small world: the catalogue, the shipped procedures, one account per role."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from engine import db
from engine.catalogue.directions import load_catalogue
from engine.people.accounts import hash_password
from engine.people.models import Account
from engine.vocabulary import Role
from seed.catalogue import read_catalogue
from seed.policies import load_policies
from seed.procedures import load_procedures
from web import throttle
from web.app import create_app
from web.settings import Settings

PASSWORD = "a long demo password"


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """One database for all web tests that only read: building it takes longer than they do."""
    engine = db.open_engine(f"sqlite:///{tmp_path_factory.mktemp('web') / 'web.sqlite'}")
    db.migrate(engine)
    hashed = hash_password(PASSWORD)
    with db.writing(engine) as session:
        load_policies(session)
        load_catalogue(session, read_catalogue())
        session.add_all(
            Account(login=role, name=role.zh, roles=[role], password_hash=hashed) for role in Role
        )
        load_procedures(session, datetime(2024, 1, 1, tzinfo=UTC))
    return engine


@pytest.fixture
def app(furnished: Engine) -> Flask:
    """The application, with forms that need no token unless a test asks for it."""
    throttle.forget()
    made = create_app(furnished, Settings(secret_key="for tests only"))
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody not signed in."""
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], FlaskClient]:
    """A client signed in with a role's account."""

    def enter(login: str) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 302
        return client

    return enter
