"""`keguan simulate`: a whole year through the real procedures, with its invariants checked at the end."""

import json

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import Engine
from sqlmodel import select

from engine import assembly, db
from engine.errors import Refused
from engine.people.models import Account
from engine.simulation.invariants import Invariant, check_all
from engine.simulation.run import START, require_unused, simulate
from engine.simulation.summary import DirectionSummary, summarize
from seed.people import load_people
from seed.world import load_reference

assert assembly.FORMS
BROKEN = 1


@click.command("simulate")
@click.option("--applications", default=500, show_default=True, help="How many applications, at least 67.")
@click.option("--seed", default=7, show_default=True, help="The dice: the same seed gives the same year.")
@click.option("--json", "as_json", is_flag=True, help="Print directions and invariants as one JSON object.")
def simulate_year(applications: int, seed: int, as_json: bool) -> int:
    """Run a whole year with scripted actors and a simulated clock, on a database without cases.

    Prints per direction how many applied, passed the formal check, were established and accepted, and what was
    committed and paid (yuan); then checks the invariants over the database. Exit 1 when one fails, or when the
    database already holds cases.
    """
    engine = db.ready_engine(db.database_url())
    require_unused(engine, applications)
    _require_no_accounts(engine)
    with db.writing(engine) as session:
        load_reference(session, START)
        load_people(session)
    with _bar() as bar:
        task = bar.add_task("模拟", total=applications)
        rehearsal = db.open_engine(db.database_url(), durable=False)
        steps = simulate(rehearsal, applications, seed, lambda done: bar.update(task, completed=done))
        rehearsal.dispose()
        bar.update(task, completed=applications)
    with db.reading(engine) as session:
        directions, invariants = summarize(session), check_all(session)
    if as_json:
        click.echo(json.dumps(_plain(directions, invariants, steps), ensure_ascii=False))
    else:
        _show(directions, invariants)
    return 0 if all(invariant.held for invariant in invariants) else BROKEN


def _require_no_accounts(engine: Engine) -> None:
    """The demo accounts have a known password: they have no business beside a bureau's own."""
    with db.reading(engine) as session:
        if session.exec(select(Account.id).limit(1)).first() is not None:
            raise Refused("数据库中已有账号，模拟只能在空库上运行；请把 KEGUAN_DATABASE_URL 指向一个新库。")


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("项办结"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


def _plain(directions: list[DirectionSummary], invariants: list[Invariant], steps: int) -> dict[str, object]:
    return {
        "directions": [direction.as_json() for direction in directions],
        "invariants": [
            {"name": i.name, "held": i.held, "checked": i.checked, "broken": list(i.broken[:20])}
            for i in invariants
        ],
        "steps": steps,
    }


def _show(directions: list[DirectionSummary], invariants: list[Invariant]) -> None:
    console = Console()
    table = Table("方向", "名称", box=None)
    for title in ("申报", "通过形审", "立项", "验收", "承诺（元）", "已拨付（元）"):
        table.add_column(title, justify="right")
    for d in directions:
        counts = (d.applied, d.passed, d.established, d.accepted)
        table.add_row(d.code, d.title, *(str(count) for count in counts), d.committed_yuan, d.paid_yuan)
    console.print(table)
    for invariant in invariants:
        mark = "成立" if invariant.held else "不成立"
        console.print(f"{invariant.name}：{mark}（检查 {invariant.checked} 处）")
        for sentence in invariant.broken[:20]:
            console.print(f"  {sentence}")
