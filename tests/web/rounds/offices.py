"""The web on a small review round: whoever a test asks for sits at the pages, at the world's own time."""

from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from flask_login import FlaskLoginClient
from lxml import html
from sqlmodel import Session, col, select

from engine.cases.models import WorkItem
from engine.clock import SimulatedClock
from engine.people.models import Account
from engine.reviewing.models import Draw
from tests.engine.reviewing import worlds
from tests.worlds import MARCH, Bureau
from web.app import create_app
from web.auth import SignedIn
from web.settings import Settings

POINTS = {
    "necessity": "12",
    "innovation": "20",
    "feasibility": "16",
    "team": "12",
    "benefit": "12",
    "budget": "8",
}


@dataclass(frozen=True)
class Office:
    """A bureau with a round of some applications, and the pages on its database."""

    world: Bureau
    cases: list[int]
    app: Flask

    def client(self, login: str) -> FlaskClient:
        """Somebody's browser, signed in."""
        account = self.world.session.exec(select(Account).where(Account.login == login)).one()
        self.world.session.commit()
        client: FlaskClient = self.app.test_client(user=SignedIn(account))
        return client

    def draw(self) -> Draw:
        """Prepared, drawn by lot and published."""
        made = worlds.prepare(self.world, 1)
        worlds.publish(self.world, made)
        self.world.session.commit()
        return made

    def items(self, element: str) -> list[tuple[int, str]]:
        """The open steps of this name with their holders' logins."""
        self.world.session.expire_all()
        statement = (
            select(WorkItem.id, Account.login)
            .join(Account, col(Account.id) == WorkItem.holder_id)
            .where(WorkItem.element == element, WorkItem.status == "open")
            .order_by(col(WorkItem.id))
        )
        found = [(item or 0, login) for item, login in self.world.session.exec(statement)]
        self.world.session.commit()  # an open transaction would keep the pages from writing
        return found


def office(
    session: Session, world: Bureau, count: int = 2, quota: int | None = None, *, grouped: bool = True
) -> Office:
    """So many applications grouped, waiting for the draw, and a pool wide enough."""
    cases = worlds.batch(world, count)
    for number, case in enumerate(cases, start=1):
        case.title = f"示例项目 {number}"
    worlds.widen_pool(world)
    worlds.open_round(world, quota, grouped=grouped)
    session.commit()
    return Office(world, [case.id or 0 for case in cases], _app(session))


def _app(session: Session) -> Flask:
    settings = Settings(secret_key="for tests only")
    app = create_app(session.get_bind(), settings, clock=SimulatedClock(MARCH))  # type: ignore[arg-type]
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.login_manager.session_protection = None  # type: ignore[attr-defined]
    app.test_client_class = FlaskLoginClient
    return app


def reviewing(session: Session, world: Bureau, count: int = 2) -> Office:
    """The panel has been drawn and has accepted; the score sheets are open."""
    made = office(session, world, count)
    made.draw()
    world.accept_all()
    session.commit()
    return made


def errors(page: str) -> list[tuple[str, str]]:
    """The list of errors at the top: each sentence and where it links to."""
    found = html.fromstring(page).xpath("//*[@data-error-summary]//li")
    return [(one.text_content(), next(iter(one.xpath("./a/@href")), "")) for one in found]


def filled(page: str, name: str) -> str:
    """What stands in a field of the page."""
    field = html.fromstring(page).xpath(f"//*[@name='{name}']")[0]
    return str(field.get("value") or field.text or "")


def cells(page: str, label: str) -> list[str]:
    """What a table's cells of this label say."""
    return [one.text_content().strip() for one in html.fromstring(page).xpath(f"//td[@data-label='{label}']")]
