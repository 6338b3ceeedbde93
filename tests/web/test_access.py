"""Every route declares who may open it."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from web import access


def test_every_route_declares_a_rule(app: Flask) -> None:
    """A view without a rule would be open to nobody, and is a mistake."""
    undeclared = [name for name, view in app.view_functions.items() if access.rule_of(view) is None]

    assert undeclared == []


def test_every_post_is_guarded_against_forged_forms(app: Flask, client: FlaskClient) -> None:
    """No page is exempt from the token, and a post without one is refused in words.

    The API is: it takes an access token in every request and never a cookie, so there is nothing to forge.
    """
    app.config["WTF_CSRF_ENABLED"] = True

    answer = client.post("/sign-in", data={"login": "intake", "password": "x"})

    assert answer.status_code == 400
    assert "这个表单已失效" in answer.text
    assert not app.extensions["csrf"]._exempt_views
    assert [one.name for one in app.extensions["csrf"]._exempt_blueprints] == ["api"]


def test_a_stranger_is_sent_to_sign_in_and_back(client: FlaskClient) -> None:
    """The page asked for is kept for after the sign-in."""
    answer = client.get("/")

    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/")


def test_strangers_read_the_catalogue(client: FlaskClient, signed_in: Callable[[str], FlaskClient]) -> None:
    """The guide is public."""
    assert client.get("/directions").status_code == 200
    assert signed_in("supervision").get("/directions").status_code == 200
