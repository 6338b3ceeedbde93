"""Pictures of the main pages in both themes, for the documents: `python -m tools.screens [NAME …]`.

Serves the demo world of one fixed day to a Chromium of its own and writes `docs/screens/NAME.png` and
`NAME-dark.png`. The world is built once under `var/`; each run works on a copy, so pictures can be made again.
"""

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import waitress
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from engine import db
from engine.cases.models import CaseFile, WorkItem
from engine.clock import SimulatedClock
from engine.jobs.draws import run_draws
from engine.people.models import Account
from seed.catalogue import read_catalogue
from seed.people import DEMO_PASSWORD
from seed.world import load_demo, load_demo_cases, load_reference
from tests.browser import chromium
from tests.browser.desk import Desk
from tests.engine.change.guide.printed import printed
from web.app import create_app
from web.settings import Settings

FOLDER = db.ROOT / "docs" / "screens"
WORLD = db.ROOT / "var" / "screens.sqlite"
TODAY = datetime(2026, 3, 18, 2, tzinfo=UTC)
SIZE = (1280, 900)
COLOURS = 96
"""Screens of text need no more; a picture is then some fifty kilobytes."""


@dataclass(frozen=True)
class Stage:
    """A browser tab in front of the demo world."""

    page: Page
    engine: Engine

    def enter(self, login: str, address: str) -> None:
        """Sign in and open a page."""
        Desk(self.page, DEMO_PASSWORD).sign_in(login)
        answer = self.page.goto(address)
        if answer is None or not answer.ok:
            sys.exit(f"{address} does not open for {login}.")

    def waiting(self, element: str) -> tuple[WorkItem, str]:
        """The open work item of a step whose holder has most to do, and the login of its holder ("" for none)."""
        with Session(self.engine) as session:
            statement = select(WorkItem).where(WorkItem.element == element, WorkItem.status == "open")
            items = session.exec(statement.order_by(col(WorkItem.id))).all()
            item = max(items, key=lambda one: _load(session, one))
            holder = session.get(Account, item.holder_id) if item.holder_id else None
            return item, holder.login if holder else ""


def _load(session: Session, item: WorkItem) -> int:
    mine = select(func.count()).select_from(WorkItem).where(WorkItem.holder_id == item.holder_id)
    return session.exec(mine).one() if item.holder_id else 0


def inbox(stage: Stage) -> None:
    """An officer's inbox with the open step beside it."""
    stage.enter("programme", "/inbox")
    stage.page.locator("[data-rows] [data-row]").first.click()
    stage.page.locator("#desk.is-open").wait_for()


def case(stage: Stage) -> None:
    """A case."""
    with Session(stage.engine) as session:
        number = session.exec(select(func.min(CaseFile.id)).where(CaseFile.status == "on_notice")).one()
    stage.enter("programme", f"/cases/{number}")
    stage.page.locator("[data-diagram][data-ready]").first.wait_for()


def applicant(stage: Stage) -> None:
    """What a unit has filed, in plain words."""
    with Session(stage.engine) as session:
        cases = select(Account.login).join(CaseFile, col(CaseFile.unit_id) == Account.organization_id)
        most = cases.group_by(Account.login).order_by(func.count().desc(), Account.login)
        login = session.exec(most).first()
    stage.enter(login or "applicant", "/applications")


def form(stage: Stage) -> None:
    """An application checked while it is typed."""
    item, login = stage.waiting("fill")
    stage.enter(login, f"/applications/steps/{item.id}")
    page = stage.page
    page.get_by_label("项目名称").fill("示例智能焊接装备研发")
    page.get_by_label("申请财政经费（元）").press_sequentially("300000")
    page.get_by_label("计划自筹经费（元）").press_sequentially("200000")
    page.locator(".is-unmet").first.wait_for()


def desk(stage: Stage) -> None:
    """An expert's score sheet."""
    item, login = stage.waiting("score")
    stage.enter(login, f"/expert/reviews/{item.id}")


def scoring(stage: Stage) -> None:
    """An application beside its score card."""
    desk(stage)
    page = stage.page
    opening = page.get_by_role("button", name="打开材料").or_(page.get_by_role("link", name="阅读评分"))
    opening.first.click()
    for field, points in zip(
        page.locator("[id^=f-][inputmode]").all(), (12, 20, 16, 13, 11, 8), strict=False
    ):
        field.fill(str(points))


def ranking(stage: Stage) -> None:
    """A round with its scores and ranking."""
    item, _login = stage.waiting("confirm_ranking")
    stage.enter("programme", f"/rounds/{item.round_id}")
    stage.page.locator("#ranking").scroll_into_view_if_needed()


def draw(stage: Stage) -> None:
    """A panel ready to be drawn by lot."""
    item, _login = stage.waiting("draw")
    stage.enter("drawing", f"/rounds/{item.round_id}/draw")
    stage.page.get_by_role("button", name="准备抽取").click()
    run_draws(stage.engine, TODAY)
    stage.page.goto(f"/rounds/{item.round_id}/draw")


def dashboards(stage: Stage) -> None:
    """Figures that open their lists."""
    stage.enter("approver", "/dashboards")


def editor(stage: Stage) -> None:
    """A procedure edited as a draft."""
    stage.enter("admin", "/change")
    page = stage.page
    page.locator("button[value=disbursement]").click()
    page.locator("[data-editor][data-ready]").wait_for()
    page.get_by_role("button", name="全图").click()
    page.locator(".djs-element[data-element-id=approve_payment] .djs-hit").first.dispatch_event("click")
    limit = page.locator("[data-panel]").get_by_label("办理期限（工作日）", exact=True)
    limit.fill("3")
    limit.blur()
    page.locator("[data-saving][data-state=saved]").wait_for()
    page.locator(".findings[data-state=clean]").wait_for()


def difference(stage: Stage) -> None:
    """What a draft changes, drawn and proved, before a second administrator decides."""
    editor(stage)
    page = stage.page
    page.get_by_role("button", name="提交发布").click()
    page.locator("[data-pair] [data-ready]").first.wait_for()


def guide(stage: Stage) -> None:
    """Next year's guide read into a draft."""
    stage.enter("admin", "/admin/guides")
    page, text = stage.page, printed(read_catalogue())
    page.locator("input[type=file]").set_input_files(
        {"name": "示例指南.txt", "mimeType": "text/plain", "buffer": text.encode()}
    )
    page.get_by_role("button", name="读入草稿").click()
    page.locator("table").first.wait_for()


def what_if(stage: Stage) -> None:
    """What another money rule would cost, on the live cases."""
    stage.enter("admin", "/change/rules/directions/T3-D1-S1")
    stage.page.get_by_label("补助比例").first.fill("0.2")
    stage.page.get_by_role("button", name="测算：哪些在办项目会变，变多少").click()
    stage.page.locator("#outcome").scroll_into_view_if_needed()


SHOTS: tuple[Callable[[Stage], None], ...] = (
    *(inbox, case, applicant, form, desk, scoring, ranking, draw),
    *(dashboards, editor, difference, guide, what_if),
)


def take(stage: Stage, shot: Callable[[Stage], None]) -> None:
    """Write the picture of one page in both themes."""
    shot(stage)
    name = shot.__name__.replace("_", "-")
    for theme, ending in (("light", ""), ("dark", "-dark")):
        stage.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        stage.page.wait_for_timeout(600)  # colours change over a moment
        _write(FOLDER / f"{name}{ending}.png", stage.page.screenshot())


def _write(file: Path, png: bytes) -> None:
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


@contextmanager
def serving() -> Iterator[tuple[str, Engine]]:
    """The demo world on a free port: its address and its database."""
    if not WORLD.exists():
        _build(WORLD)
    with tempfile.TemporaryDirectory() as folder:
        engine = db.open_engine(f"sqlite:///{shutil.copyfile(WORLD, Path(folder) / 'world.sqlite')}")
        settings = Settings(secret_key="for pictures only", attachments=Path(folder) / "files")
        app = create_app(engine, settings, clock=SimulatedClock(TODAY))
        server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
        Thread(target=server.run, daemon=True).start()
        yield f"http://127.0.0.1:{server.effective_port}", engine


def _build(file: Path) -> None:
    building = file.with_suffix(".building")
    building.unlink(missing_ok=True)
    engine = db.open_engine(f"sqlite:///{building}", durable=False)
    db.migrate(engine)
    with db.writing(engine) as session:
        load_reference(session, TODAY)
        load_demo(session, TODAY)
    load_demo_cases(engine, TODAY)
    engine.dispose()
    building.rename(file)


def main(names: list[str]) -> None:
    """All pictures, or those named."""
    FOLDER.mkdir(exist_ok=True)
    wanted = [shot for shot in SHOTS if not names or shot.__name__.replace("_", "-") in names]
    with serving() as (address, engine), sync_playwright() as playwright:
        browser = chromium.start(playwright)
        if not isinstance(browser, Browser):
            sys.exit(browser)
        for shot in wanted:
            context = browser.new_context(
                base_url=address, locale="zh-CN", viewport={"width": SIZE[0], "height": SIZE[1]}
            )
            take(Stage(context.new_page(), engine), shot)
            context.close()
            print(shot.__name__)


if __name__ == "__main__":
    main(sys.argv[1:])
