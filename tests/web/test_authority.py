"""Every route, every role, one's own and somebody else's object, as the one table says."""

from collections.abc import Iterator, Mapping

import pytest
from flask import Flask, Response, g
from flask_login import FlaskLoginClient
from sqlalchemy import Engine
from sqlmodel import Session
from werkzeug.routing import Rule

from engine.clock import SimulatedClock
from tests.web.authority import BY_PASSWORD, DOORS, OBJECTS, SIGNED_IN, Row
from tests.web.authority_world import Objects, objects
from tests.web.demo import TODAY, demo_world
from web.app import create_app
from web.auth import SignedIn
from web.settings import Settings

NO_SUCH = {"RowNumber": 999_999, "AnyConverter": "xlsx"}
REFUSED = {401, 403, 404}
STRANGER = "stranger"
EXPECTED = {name: allowed for allowed, names in DOORS for name in names.split()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The demo world with its cases."""
    return demo_world(tmp_path_factory)


@pytest.fixture(scope="module")
def found(demo: Engine) -> Objects:
    """Whose what is."""
    return objects(demo)


@pytest.fixture(scope="module")
def app(demo: Engine) -> Flask:
    """The application on the demo world; nothing a request does is kept."""
    made = create_app(demo, Settings(secret_key="for tests only"), clock=SimulatedClock(TODAY))
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    made.test_client_class = FlaskLoginClient
    made.login_manager.session_protection = None  # type: ignore[attr-defined]
    made.after_request(_forget)
    return made


def _forget(answer: Response) -> Response:
    opened: Session | None = g.pop("session", None)
    if opened is not None:
        opened.rollback()
        opened.close()
    return answer


def routes(app: Flask) -> Iterator[Rule]:
    """Every route but the files of the front end."""
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")


def ask(
    app: Flask,
    found: Objects,
    role: str,
    rule: Rule,
    arguments: Mapping[str, object],
    sent: Mapping[str, str],
) -> int:
    """The status a role gets; 401 where a page would ask to sign in first."""
    method = "GET" if "GET" in (rule.methods or ()) else "POST"
    address = app.url_map.bind("localhost").build(rule.endpoint, dict(arguments), method=method)
    if rule.endpoint.startswith("api."):
        headers = {"Authorization": f"Bearer {found.keys[role]}"} if role != STRANGER else {}
        body = {"json": dict(sent)} if method == "POST" else {}
        return app.test_client().open(address, method=method, headers=headers, **body).status_code
    client = app.test_client() if role == STRANGER else app.test_client(user=SignedIn(found.accounts[role]))
    answer = client.open(address, method=method, data=dict(sent))
    return (
        401 if "/sign-in" in (answer.location or "") and rule.endpoint != "auth.leave" else answer.status_code
    )


def test_the_table_names_every_route(app: Flask) -> None:
    """A new page is entered in the table, or this fails."""
    assert {rule.endpoint for rule in routes(app)} - BY_PASSWORD == set(EXPECTED)


@pytest.mark.parametrize("role", sorted({STRANGER} | SIGNED_IN))
def test_a_door_opens_to_whom_the_table_says(app: Flask, found: Objects, role: str) -> None:
    """Asked about things that do not exist: who may come in is told so, who may not is refused first."""
    wrong = []
    for rule in routes(app):
        if rule.endpoint in BY_PASSWORD:
            continue
        nothing = {name: NO_SUCH.get(type(part).__name__, "none") for name, part in rule._converters.items()}
        status = ask(app, found, role, rule, nothing, {})
        if status >= 500 or (status not in (401, 403)) != (role in EXPECTED[rule.endpoint]):
            wrong.append((rule.endpoint, status))

    assert wrong == []


@pytest.mark.parametrize("row", OBJECTS, ids=lambda row: row[0])
def test_whose_it_is_decides(app: Flask, found: Objects, row: Row) -> None:
    """One's own, and somebody else's."""
    endpoint, arguments, sent, own, other = row
    rule = next(rule for rule in routes(app) if rule.endpoint == endpoint)

    passed = {
        side: {
            role
            for role in SIGNED_IN
            if ask(app, found, role, rule, {name: ids[kind] for name, kind in arguments.items()}, sent)
            not in REFUSED
        }
        for side, ids in (("own", found.own), ("other", found.other))
    }

    assert passed == {"own": set(own), "other": set(other)}
