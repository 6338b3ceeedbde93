"""Fixtures every test shares: a database of its own and a session on it.

The engine's tests run twice, on SQLite and on PostgreSQL; all others on SQLite.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from sqlmodel import Session

from engine.people import accounts
from engine.reviewing import draws
from tests import databases
from tests.truth import untruths
from tests.worlds import Bureau, bureau

GATE = bool(os.environ.get("CI"))
"""A chance find stops nobody else's change there; at a desk every run tries new examples and draws new lots."""
settings.register_profile("gate", derandomize=True)
if GATE:
    settings.load_profile("gate")

ON_BOTH = Path(__file__).parent / "engine"
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every engine test that uses a database both of them, unless it names its own."""
    named = any(mark.args[0] == "dialect" for mark in metafunc.definition.iter_markers("parametrize"))
    if not named and "dialect" in metafunc.fixturenames and ON_BOTH in metafunc.definition.path.parents:
        metafunc.parametrize("dialect", BOTH, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _work_done_cheaply(shelf: databases.Shelf) -> Iterator[None]:
    """Passwords are hashed the cheapest way, and a template read by one application is read for all."""
    read = shelf.folder / "templates"
    read.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", PasswordHasher.from_parameters(CHEAPEST))
        patch.setitem(Flask.jinja_options, "bytecode_cache", FileSystemBytecodeCache(str(read)))
        yield


@pytest.fixture(autouse=True)
def _lots_at_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A draw's committed secret: the same lots every time at the gate."""
    if GATE:
        monkeypatch.setattr(draws, "secrets", SimpleNamespace(token_hex=lambda size: "5e" * size))


@pytest.fixture
def dialect(request: pytest.FixtureRequest) -> str:
    """The database system: sqlite or postgresql."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def template() -> str:
    """What the test's database holds before it begins; a folder's conftest may ask for more."""
    return "empty"


@pytest.fixture(scope="session")
def shelf() -> databases.Shelf:
    """The templates test databases are copied from."""
    return databases.Shelf(databases.scratch())


@pytest.fixture
def database(shelf: databases.Shelf, dialect: str, template: str) -> Iterator[Engine]:
    """A migrated database of its own."""
    with databases.copy(shelf, dialect, template) as engine:
        yield engine


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """One open session on the test's database."""
    with Session(database, expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def world(session: Session) -> Bureau:
    """The bureau on the test's session; a folder of stories asks for the template "bureau"."""
    return bureau(session)


@pytest.fixture
def true_rows(session: Session) -> Iterator[None]:
    """After the story: rows equal the engine's tokens, the history verifies, amounts derive anew."""
    yield
    assert untruths(session) == []
