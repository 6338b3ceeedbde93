"""Looking after accounts: what an administrator may do, and what nobody may."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from engine import history
from engine.errors import Conflict, Forbidden, KeguanError, Refused, Unusable
from engine.people import tokens, users
from engine.people.accounts import authenticate
from engine.people.models import Account, ApiToken, Organization
from engine.people.users import Particulars

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def admin(session: Session) -> Account:
    """The first administrator of an empty database."""
    return users.first_admin(session, login="admin", name="示例管理员", password="a long password", now=NOW)


def _make(session: Session, admin: Account, login: str, *roles: str, **more: object) -> Account:
    particulars = Particulars(f"示例{login}", roles, **more)  # type: ignore[arg-type]
    return users.create_user(session, login, particulars, password_hash="-", actor=admin, now=NOW)


def test_an_account_is_made_changed_and_closed_with_a_trace(session: Session, admin: Account) -> None:
    """Every change is a line in the history of users."""
    made = _make(session, admin, "intake", "intake")
    particulars = Particulars("示例受理", ("intake", "planning"), email="intake@example.cn")
    users.change_user(session, made.id or 0, particulars, active=False, actor=admin, now=NOW)

    assert [entry.summary for entry in history.entries(session, users.CHAIN)] == [
        "初始化：设立管理员 admin",
        "新增用户 intake（示例intake）",
        "修改用户 intake：姓名改为示例受理；岗位改为受理员、规配科；更换邮箱；停用",
    ]
    assert (made.active, made.roles, made.email) == (False, ["intake", "planning"], "intake@example.cn")


@pytest.mark.parametrize(
    ("login", "roles", "sentence"),
    [
        ("a b", ("intake",), "登录名“a b”不可用"),
        ("drawer", ("drawing", "programme"), "抽取岗与业务科室必须分离"),
        ("watcher", ("supervision", "admin"), "不能兼任"),
        ("firm", ("applicant",), "请选择所属单位"),
        ("nobody", (), "至少选择一个岗位"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    session: Session, admin: Account, login: str, roles: tuple[str, ...], sentence: str
) -> None:
    """The sentence says what is wrong."""
    with pytest.raises(Unusable, match=sentence):
        _make(session, admin, login, *roles)


def test_a_login_is_one_person_s(session: Session, admin: Account) -> None:
    """The transaction stays usable after the refusal."""
    _make(session, admin, "intake", "intake")

    with pytest.raises(Conflict, match="已有人使用"):
        _make(session, admin, "intake", "finance")
    assert _make(session, admin, "finance", "finance").id


def test_nobody_locks_the_last_admin_out(session: Session, admin: Account) -> None:
    """Neither oneself, nor the other one by an admin who is not in use."""
    second = _make(session, admin, "second", "admin")
    stays = Particulars("示例", ("intake",))

    with pytest.raises(Refused, match="不能停用自己"):
        users.change_user(session, admin.id or 0, stays, active=True, actor=admin, now=NOW)
    users.change_user(session, second.id or 0, stays, active=True, actor=admin, now=NOW)
    with pytest.raises(Forbidden, match="只有管理员"):
        users.change_user(session, admin.id or 0, stays, active=True, actor=second, now=NOW)


def test_a_new_password_replaces_the_old_one(session: Session, admin: Account) -> None:
    """One made by the system works at once; one's own needs the old one."""
    _make(session, admin, "intake", "intake")
    intake = session.exec(select(Account).where(Account.login == "intake")).one()
    made = users.reset_password(session, intake.id or 0, actor=admin, now=NOW)
    users.change_own_password(session, intake, made, "my own long password", now=NOW)

    assert authenticate(session, "intake", "my own long password") is intake
    with pytest.raises(Forbidden):
        authenticate(session, "intake", made)


def test_a_token_is_its_account_until_it_is_revoked(session: Session, admin: Account) -> None:
    """The database knows only its hash."""
    row, token = tokens.make_token(session, admin, "对接", actor=admin, now=NOW)
    assert tokens.account_of(session, token, NOW) is admin
    assert token not in str(session.exec(select(ApiToken)).one().model_dump())

    tokens.revoke_token(session, row.id or 0, actor=admin, now=NOW)
    with pytest.raises(Forbidden, match="已撤销"):
        tokens.account_of(session, token, NOW)


def test_a_token_ends_with_its_day_and_with_its_account(session: Session, admin: Account) -> None:
    """The last day counts in Liuzhou's time."""
    _, token = tokens.make_token(session, admin, "对接", actor=admin, now=NOW, expires_on=date(2026, 3, 2))
    assert tokens.account_of(session, token, NOW + timedelta(hours=14)) is admin
    for later, active in ((NOW + timedelta(hours=16), True), (NOW, False)):
        admin.active = active
        with pytest.raises(Forbidden):
            tokens.account_of(session, token, later)


def test_tokens_are_their_owner_s_business(session: Session, admin: Account) -> None:
    """A colleague cannot make one in another's name."""
    session.add(Organization(name="示例单位", credit_code="x", kind="enterprise"))
    colleague = _make(session, admin, "finance", "finance")

    with pytest.raises(KeguanError, match="本人或管理员"):
        tokens.make_token(session, admin, "冒名", actor=colleague, now=NOW)
