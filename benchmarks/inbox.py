"""What an officer waits for: inbox, search, list of cases and case page, by the number of open work items.

Pages are asked of the whole application, from the signed-in request to the finished HTML, on SQLite. Every work item
is open, which is the hard case: done ones are in none of the inbox's indexes. Aim: flat, and 30 ms at p95 for the
inbox at a million. `queries` counts the statements of one page, which must not depend on the rows.

    python -m benchmarks.inbox [ITEMS ...]
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlmodel import select

from benchmarks.timing import Laps, counting, report
from engine import db
from engine.cases.models import CaseFile
from engine.clock import SimulatedClock
from engine.people.accounts import hash_password
from engine.people.models import Account
from engine.procedures.models import ProcedureVersion
from tests.walks import file_application
from tests.worlds import MARCH, bureau
from web.app import create_app
from web.settings import Settings

SIZES = (1_000, 100_000, 1_000_000)
ROUNDS = 40
PASSWORD = "a password for benchmarks"
DIRECTION = "T3-D1-S1"
NUMBERS = "WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < :count) "
UNITS = (
    "INSERT INTO organization (name, credit_code, kind, county, registered_in_city) "
    "SELECT '示例第' || n || '机械制造有限公司', 'BENCH' || n, 'enterprise', '示例' || (n % 10) || '区', 1 FROM row"
)
CASES = (
    "INSERT INTO case_file (number, direction_code, title, unit_id, applicant_id, status, facts, requested_fen, "
    "approved_fen, corrections, rectifications, disputed, frozen, opened_at) "
    "SELECT 'B2024-' || n, code, "
    "'第' || n || '号' || CASE n % 5 WHEN 0 THEN '汽车电子控制' WHEN 1 THEN '智能装备' WHEN 2 THEN '螺蛳粉加工' "
    "WHEN 3 THEN '中药材种植' ELSE '新能源材料' END || '关键技术研发' || CASE WHEN n % 997 = 0 THEN '与量子传感' "
    "ELSE '' END, :unit + n % 1000, 1, 'received', '{}', (n % 5000) * 1000000, 0, 0, 0, 0, 0, :at FROM row "
    "JOIN (SELECT code, row_number() OVER (ORDER BY position) - 1 AS place FROM direction) ON place = n % 67"
)
PROCESSES = (
    'INSERT INTO process ("key", kind, version, case_id, subject, revision, started_at) '
    "SELECT 'post_subsidy', 'case', :version, :case + n, '{}', 0, :at FROM row"
)
ITEMS = (
    "INSERT INTO work_item (process_id, case_id, unit_id, direction_code, token, process_key, element, name, role, "
    "form_key, holder_id, status, opened_at, due_at, amount_fen) "
    "SELECT p.id, c.id, c.unit_id, c.direction_code, 'bench', 'formal_check', "
    "CASE row.n WHEN 1 THEN 'check' ELSE 'countersign' END, CASE row.n WHEN 1 THEN '形式审查' ELSE '科室会签' END, "
    "CASE row.n WHEN 1 THEN 'intake' ELSE 'programme' END, 'countersign', "
    "CASE WHEN c.id % 1000 = 7 THEN :me WHEN c.id % 3 = 0 THEN :other END, 'open', :at, "
    "datetime(:at, '+' || (c.id * 7919 % 500000) || ' minutes') || '.000000', c.requested_fen "
    "FROM case_file c JOIN process p ON p.case_id = c.id JOIN row WHERE c.id > :case"
)
PAGES = {
    "mine": "/inbox?scope=mine",
    "group": "/inbox?scope=group",
    "all": "/inbox?scope=all",
    "next_page": None,
    "overdue": "/inbox?scope=all&due=overdue",
    "amount": "/inbox?scope=all&sort=amount&from=4999",
    "direction_and_step": "/inbox?scope=all&direction=T3-D1-S1&element=check",
    "common_word": "/inbox?scope=all&text=汽车",
    "rare_word": "/inbox?scope=all&text=量子",
    "number": "/inbox?scope=all&text=B2024-77",
    "no_such_word": "/inbox?scope=group&text=没有这个词",
    "cases.newest": "/cases",
    "cases.rare_word": "/cases?text=量子",
    "cases.unit": "/cases?unit=示例第77机械",
    "case_page": None,
}


@contextmanager
def filled(items: int) -> Iterator[tuple[Engine, int]]:
    """A database with so many open steps, two to a case, and one real case; gone afterwards."""
    with TemporaryDirectory() as folder:
        engine = db.open_engine(f"sqlite:///{Path(folder) / 'inbox.sqlite'}", durable=False)
        db.migrate(engine)
        with db.writing(engine) as session:
            world = bureau(session)
            world.accounts["intake"].password_hash = hash_password(PASSWORD)
            case = file_application(world, DIRECTION)
            _fill(session, items // 2, world.accounts["intake"].id or 0)
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        yield engine, case.id or 0
        engine.dispose()


def _fill(session: Any, cases: int, me: int) -> None:
    at = (MARCH - timedelta(days=120)).strftime("%Y-%m-%d %H:%M:%S")
    version = session.exec(select(ProcedureVersion.hash).where(ProcedureVersion.key == "post_subsidy")).one()
    last = session.exec(select(CaseFile.id).order_by(CaseFile.id.desc()).limit(1)).one()
    other = session.exec(select(Account.id).where(Account.login == "programme")).one()
    connection = session.connection()
    unit = connection.execute(text("SELECT max(id) FROM organization")).scalar_one() + 1
    for statement, values in (
        (UNITS, {"count": 1000}),
        (CASES, {"count": cases, "unit": unit, "at": at}),
        (PROCESSES, {"count": cases, "case": last, "version": version, "at": at}),
        (ITEMS, {"count": 2, "case": last, "me": me, "other": other, "at": at}),
    ):
        connection.execute(text(_with_numbers(statement)), values)


def _with_numbers(statement: str) -> str:
    """SQLite wants the numbers between INSERT INTO … and SELECT."""
    head, _, rest = statement.partition(" SELECT ")
    return f"{head} {NUMBERS} SELECT {rest}"


def measure(items: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every page, so many times; and how long the database took to fill."""
    began = time.perf_counter()
    with filled(items) as (engine, case):
        yield "build", {"items": items, "seconds": round(time.perf_counter() - began, 1)}
        client = _signed_in(engine)
        for name, address in PAGES.items():
            yield name, {"items": items, **_page(engine, client, address or _found(client, name, case))}


def _found(client: FlaskClient, name: str, case: int) -> str:
    """The case's page; or the page after the inbox's first, where its own link leads."""
    if name == "case_page":
        return f"/cases/{case}"
    first = client.get("/inbox?scope=all").text
    link = first.partition('data-page="after"')[0].rpartition('href="')[2].partition('"')[0]
    return link.replace("&amp;", "&")


def _page(engine: Engine, client: FlaskClient, address: str) -> dict[str, Any]:
    assert client.get(address).status_code == 200, address
    laps = Laps()
    for _ in range(ROUNDS):
        with laps:
            client.get(address)
    with counting(engine) as words:
        client.get(address)
    return {**laps.summary(), "queries": words.total()}


def _signed_in(engine: Engine) -> FlaskClient:
    app = create_app(engine, Settings(secret_key="for benchmarks only"), clock=SimulatedClock(MARCH))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/sign-in", data={"login": "intake", "password": PASSWORD}).status_code == 302
    return client


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print every page at every size, one JSON object a line."""
    for items in sizes:
        for name, figures in measure(items):
            report(f"pages.{name}", figures)


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
