"""The administrator's pages of users."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select

from engine import db
from engine.people.models import Account
from tests.web.conftest import PASSWORD

Enter = Callable[[str], FlaskClient]


def _made(client: FlaskClient, login: str, **more: object) -> str:
    answer = client.post(
        "/admin/users/new", data={"login": login, "name": "示例新人", "roles": ["intake"], **more}
    )
    assert answer.status_code == 200, answer.text
    found = re.search(r"<dt>密码</dt><dd><code>([^<]+)</code>", answer.text)
    assert found
    return found[1]


def test_a_user_is_made_and_can_sign_in(signed_in: Enter, client: FlaskClient) -> None:
    """With the password that was shown once."""
    password = _made(signed_in("admin"), "newcomer")

    answer = client.post("/sign-in", data={"login": "newcomer", "password": password})

    assert answer.status_code == 302
    assert "示例新人" in client.get("/account").text


def test_the_list_is_narrowed_by_role_and_words(signed_in: Enter) -> None:
    """By parts of login, name or unit."""
    client = signed_in("admin")

    assert "finance</a>" in client.get("/admin/users?role=finance").text
    assert "intake</a>" not in client.get("/admin/users?role=finance").text
    assert "没有符合条件的用户" in client.get("/admin/users?words=nobody-at-all").text


def test_a_mistake_comes_back_with_what_was_entered(signed_in: Enter) -> None:
    """And with every sentence at once."""
    answer = signed_in("admin").post(
        "/admin/users/new", data={"login": "x1", "name": "", "roles": "applicant", "email": "nowhere"}
    )

    assert answer.status_code == 400
    for sentence in ("请填写姓名", "请选择所属单位", "不是邮箱地址", 'value="nowhere"'):
        assert sentence in answer.text


def test_disabling_ends_what_is_open(signed_in: Enter, furnished: Engine) -> None:
    """The next click of a closed account leads to the sign-in page."""
    admin = signed_in("admin")
    password = _made(admin, "leaver")
    leaver = admin.application.test_client()
    leaver.post("/sign-in", data={"login": "leaver", "password": password})
    with db.reading(furnished) as session:
        number = session.exec(select(Account.id).where(Account.login == "leaver")).one()

    admin.post(f"/admin/users/{number}", data={"name": "示例新人", "roles": "intake"})

    assert leaver.get("/inbox").location == "/sign-in?next=/inbox"


def test_a_new_password_ends_other_sessions(signed_in: Enter, furnished: Engine) -> None:
    """A reset locks out whoever had got in."""
    admin = signed_in("admin")
    password = _made(admin, "victim")
    thief = admin.application.test_client()
    thief.post("/sign-in", data={"login": "victim", "password": password})
    with db.reading(furnished) as session:
        number = session.exec(select(Account.id).where(Account.login == "victim")).one()

    assert "密码已重置" in admin.post(f"/admin/users/{number}/password").text

    assert thief.get("/inbox").status_code == 302


def test_only_the_admin_looks_after_users(signed_in: Enter) -> None:
    """Not even supervision, who reads every case."""
    for login in ("intake", "supervision", "applicant"):
        assert signed_in(login).get("/admin/users").status_code == 403


def test_one_changes_one_s_own_password(signed_in: Enter) -> None:
    """With the old one, and twice the same new one."""
    admin = signed_in("admin")
    password = _made(admin, "selfhelp")
    client = admin.application.test_client()
    client.post("/sign-in", data={"login": "selfhelp", "password": password})
    sent = {"old": password, "new": "my own long password", "again": "my own long password"}

    assert client.post("/account/password", data=sent | {"again": "else"}).status_code == 400
    assert client.post("/account/password", data=sent | {"old": PASSWORD}).status_code == 403
    assert client.post("/account/password", data=sent).status_code == 302
    assert client.get("/inbox").status_code == 200
