"""One address of every kind of page, and who opens it: followed by links, and made for what no link leads to."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine import db
from engine.cases.models import Process, WorkItem
from engine.people.models import Account
from engine.procedures import versions
from engine.reviewing.models import PanelMember, ReviewRound
from seed.catalogue import read_catalogue
from seed.people import DEMO_PASSWORD
from seed.procedures import shipped_sources
from tests.engine.change.edits import insert_step, shipped
from tests.engine.change.guide.printed import printed
from tests.web.authority import UNITS
from tests.web.crawling import crawl, endpoint
from tests.web.demo import TODAY

EXPLORERS = ("applicant", "recommender", "expert", "programme", "drawing", "admin")
"""Whom the links are followed as: nobody else reaches a page these do not."""
NOT_PAGES = {
    *("static", "files.download", "imports.template", "draws.certificate", "views.open_view"),
    *("procedures.source", "change.source", "change.proposed", "change.drafted", "change.live"),
    *("change.log_xes", "change.log_ocel", "applicant.checked", "notices.seat"),
}
"""Addresses that answer with a file, a part of a page, or lead elsewhere."""
KEY = "post_subsidy"


@dataclass(frozen=True)
class Visit:
    """A kind of page, the login that opens it (empty: nobody signed in) and its address."""

    kind: str
    login: str
    address: str


def visits(app: Flask, engine: Engine) -> list[Visit]:
    """Every kind of page once, the form of every kind of step, and the inbox of several roles."""
    found: dict[str, Visit] = {}
    made = [
        *_for_nobody(),
        *_by_admin(app),
        *_by_migrating(app, engine),
        *_by_experts(app, engine),
        *_by_others(app, engine),
        *_steps(engine),
    ]
    for visit in made:
        found[visit.kind] = visit
    for login in EXPLORERS:
        addresses, _broken = crawl(app, signed_in(app, login), enough=1)
        for kind, address in addresses.items():
            if "," not in kind:  # more filters show the same list, shorter
                found.setdefault(kind, Visit(kind, login, address))
    return list(found.values())


def unvisited(app: Flask, opened: list[Visit]) -> set[str]:
    """Pages of the application that are not among them."""
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.endpoint.startswith("api.")
    }
    return pages - {visit.kind.partition("?")[0] for visit in opened} - NOT_PAGES


def signed_in(app: Flask, login: str) -> FlaskClient:
    """A client of a demo account."""
    client = app.test_client()
    client.post("/sign-in", data={"login": login, "password": DEMO_PASSWORD})
    return client


def _for_nobody() -> Iterator[Visit]:
    yield Visit("auth.sign_in", "", "/sign-in")
    yield Visit("error 404", "", "/no-such-page")
    yield Visit("error 403", "applicant", "/admin/users")


def _by_admin(app: Flask) -> Iterator[Visit]:
    admin = signed_in(app, "admin")

    def send(address: str, **fields: object) -> str:
        answer = admin.post(address, data=fields)
        assert answer.status_code == 302, answer.text
        return str(answer.location)

    guide = send(
        "/admin/guides", file=(io.BytesIO(printed(read_catalogue()).encode()), "指南.txt"), year="2031"
    )
    draft = send("/change/drafts", key="disbursement")
    table = send(f"{draft}/tables", key="grade", title="分级")
    proposal = send(
        "/change/rules/attachment_max_mb",
        value="30",
        effective_from="2026-04-01",
        clause="示科发〔2026〕1号",
        note="大一些",
    )
    admin.post("/admin/webhooks", data={"url": "https://example.test/in", "verbs": "pay"})
    for address in (
        *(guide, f"{guide}/T3-D1-S1", draft, f"{draft}/review", f"{draft}/replay", f"{draft}/forecast"),
        *(proposal, "/admin/webhooks/1"),
    ):
        yield Visit(endpoint(app, address), "admin", address)
    yield Visit("the table editor", "admin", table)


def _by_migrating(app: Flask, engine: Engine) -> Iterator[Visit]:
    """A second version of a procedure, and a case of the first that is taken over to it."""
    edited = insert_step(shipped("formal_check"), "flow_countersign_countersign_result")
    files = shipped_sources() | {"formal_check.bpmn": edited.encode()}
    with db.writing(engine) as session:
        old = versions.in_force(session, KEY, TODAY)
        new = versions.publish(session, files, KEY, at=TODAY, by="admin", note="修改").hash
        running = select(Process.id).where(Process.version == old, col(Process.ended_at).is_(None))
        process = session.exec(running).first()
    plan = f"/change/migrations/{old}/{new}"
    answer = signed_in(app, "admin").post(plan, data={"process": process, "reason": "在办项目也要核对"})
    yield Visit("change.compare", "admin", f"/change/versions/{old}/{new}")
    yield Visit("change.plan_page", "admin", plan)
    yield Visit("change.batch", "admin", str(answer.location))


def _by_experts(app: Flask, engine: Engine) -> Iterator[Visit]:
    invitation, invited = _first(engine, "respond")
    yield Visit("expert.invitation", invited, f"/expert/invitations/{invitation.id}")
    sheet, reader = _first(engine, "score")
    with Session(engine) as session:
        seat = session.exec(
            select(PanelMember)
            .where(PanelMember.round_id == sheet.round_id, PanelMember.account_id == sheet.holder_id)
            .order_by(col(PanelMember.id).desc())
        ).first()
        assert seat is not None
    address = f"/expert/reviews/{sheet.id}/cases/{seat.cases[0]}"
    signed_in(app, reader).post(f"{address}/open")
    yield Visit("expert.reading", reader, address)
    yield Visit("expert.sheet", reader, f"/expert/reviews/{sheet.id}")


def _by_others(app: Flask, engine: Engine) -> Iterator[Visit]:
    fill, applicant = _first(engine, "fill")
    yield Visit("applicant.step", applicant, f"/applications/steps/{fill.id}")
    checked, _login = _first(engine, "countersign")
    programme = signed_in(app, "programme")
    answer = programme.post(
        "/inbox/bulk/run", data={"items": checked.id, "outcome": "agree", "comment": "同意"}
    )
    yield Visit("bulk.result", "programme", str(answer.location))
    with Session(engine) as session:
        told = session.exec(select(ReviewRound.id).order_by(col(ReviewRound.id))).first()
    yield Visit("exports.established", "finance", f"/exports/established/{told}")
    yield Visit("exports.payments", "finance", "/exports/payments/2026")
    yield Visit("paper.index", "intake", "/paper")
    for login in ("intake", "approver", "finance", "supervision"):
        yield Visit(f"the inbox of {login}", login, "/inbox?scope=all")


def _steps(engine: Engine) -> Iterator[Visit]:
    """The form of every kind of step that waits for an officer."""
    with Session(engine) as session:
        statement = select(WorkItem).where(WorkItem.status == "open").order_by(col(WorkItem.id))
        steps = {item.element: item for item in session.exec(statement) if item.role not in UNITS}
        for element, item in steps.items():
            yield Visit(f"the step {element}", item.role, f"/tasks/{item.id}")


def _first(engine: Engine, element: str) -> tuple[WorkItem, str]:
    """An open step of this kind with the login of its holder (empty while nobody holds it)."""
    with Session(engine, expire_on_commit=False) as session:
        statement = (
            select(WorkItem)
            .where(WorkItem.status == "open", WorkItem.element == element)
            .order_by(col(WorkItem.id))
        )
        item = session.exec(statement).first()
        assert item is not None, element
        holder = session.get(Account, item.holder_id) if item.holder_id else None
        return item, holder.login if holder else ""
