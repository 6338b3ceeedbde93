"""`keguan init`: a production database with one administrator and nothing made up."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from engine import db
from engine.cases.models import CaseFile
from engine.catalogue.models import Direction
from engine.errors import Refused, Unusable
from engine.people.accounts import authenticate
from engine.people.models import Account, Organization
from tests.web.commands.conftest import PASSWORD
from web.commands.init import init


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that does not exist yet."""
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    monkeypatch.setenv("KEGUAN_DATABASE_URL", url)
    return url


def _init(*options: str, given: str) -> Result:
    return CliRunner().invoke(init, [*options], input=given, catch_exceptions=False, standalone_mode=False)


def test_an_empty_database_has_one_admin_and_the_guide(bureau: str) -> None:
    """Calendar, policies, directions and procedures are there; people and cases are not."""
    with db.reading(db.ready_engine(bureau)) as session:
        accounts = [(one.login, one.name, one.roles) for one in session.exec(select(Account))]
        assert authenticate(session, "chief", PASSWORD).login == "chief"
        directions = len(session.exec(select(Direction)).all())
        made_up = [*session.exec(select(Organization)), *session.exec(select(CaseFile))]
    assert (accounts, directions, made_up) == ([("chief", "示例主管", ["admin"])], 67, [])


def test_a_database_with_accounts_is_refused(bureau: str) -> None:
    """A second administrator is made by the first one, not by starting over."""
    with pytest.raises(Refused, match="已有账号"):
        _init("--login", "second", "--password-file", "-", given=PASSWORD)


@pytest.mark.parametrize(("given", "why"), [("short", "至少 10 个字符"), ("", "至少 10 个字符")])
def test_a_short_password_makes_nothing(url: str, given: str, why: str) -> None:
    """Nor does an empty file."""
    with pytest.raises(Unusable, match=why):
        _init("--password-file", "-", given=given)

    with db.reading(db.ready_engine(url)) as session:
        assert session.exec(select(Account)).all() == []


def test_without_any_password_the_sentence_says_where_to_put_it(url: str) -> None:
    """A script without a terminal is not left waiting."""
    with pytest.raises(Unusable, match="--password-file"):
        _init(given="")
