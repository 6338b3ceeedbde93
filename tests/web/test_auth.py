"""Logging in, out, and guessing."""

from flask.testing import FlaskClient

from tests.web.conftest import PASSWORD


def test_the_right_password_opens_the_desk(client: FlaskClient) -> None:
    """The session cookie is for this site and out of a script's reach."""
    answer = client.post("/sign-in", data={"login": "intake", "password": PASSWORD, "next": "/directions"})

    assert (answer.status_code, answer.location) == (302, "/directions")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_wrong_password_says_so_and_keeps_the_login(client: FlaskClient) -> None:
    """One sentence for an unknown login and for a wrong password."""
    wrong = client.post("/sign-in", data={"login": "intake", "password": "guess"})
    unknown = client.post("/sign-in", data={"login": "nobody", "password": "guess"})

    assert (wrong.status_code, unknown.status_code) == (403, 403)
    assert "登录名或密码不正确" in wrong.text
    assert "登录名或密码不正确" in unknown.text
    assert 'value="intake"' in wrong.text


def test_guessing_is_slowed_down(client: FlaskClient) -> None:
    """After six failures even the right password has to wait."""
    for _attempt in range(6):
        client.post("/sign-in", data={"login": "finance", "password": "guess"})

    answer = client.post("/sign-in", data={"login": "finance", "password": PASSWORD})

    assert answer.status_code == 403
    assert "连续多次登录失败" in answer.text


def test_signing_out_ends_the_session(client: FlaskClient) -> None:
    """The desk is closed again."""
    client.post("/sign-in", data={"login": "intake", "password": PASSWORD})

    client.post("/sign-out")

    assert client.get("/").location == "/sign-in?next=/"


def test_nobody_is_led_to_another_site(client: FlaskClient) -> None:
    """Only paths of this site are followed after the sign-in."""
    for address in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
        answer = client.post("/sign-in", data={"login": "intake", "password": PASSWORD, "next": address})

        assert answer.location == "/"
