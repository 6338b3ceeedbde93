"""Any filters, in any order, page by page: exactly what plain Python lets through, however little is looked at."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from engine.cases import lists, search
from engine.cases.inbox import Filters, everything, inbox
from engine.cases.models import CaseFile, WorkItem
from engine.catalogue.directions import belongs
from engine.clock import local_day
from engine.people.models import Account, Organization
from engine.people.roles import INTERNAL, OF_A_UNIT
from tests.walks import file_application
from tests.worlds import Bureau

DIRECTIONS = ("T3-D1-S1", "T3-D1-S2", "T1-D1")
WORDS = ("汽车电子", "智能装备", "量子传感", "螺蛳粉 Battery")
COUNT = 60


@pytest.fixture(autouse=True)
def _ends_true() -> None:
    """Nothing to look at afterwards: the steps made up here belong to no running process."""


@dataclass(frozen=True)
class Line:
    """One step with what the filters ask about."""

    item: WorkItem
    text: str
    unit: str


@pytest.fixture
def lines(world: Bureau) -> list[Line]:
    """Sixty steps of fifteen cases of two units, of every role and holder, with and without due dates, a few done."""
    random, session = Random(5), world.session
    first = file_application(world, DIRECTIONS[0])
    process = world.item("check", first).process_id
    units = [world.unit, Organization(name="示范重工", credit_code="SECOND", kind="enterprise", county="")]
    session.add(units[1])
    session.flush()
    cases = [
        CaseFile(
            number=f"C-{n}", direction_code=random.choice(DIRECTIONS), title=random.choice(WORDS) + str(n),
            unit_id=units[n % 2].id or 0, applicant_id=world.accounts["applicant"].id or 0, status="received",
            opened_at=world.now,
        )
        for n in range(15)
    ]  # fmt: skip
    session.add_all(cases)
    session.flush()
    holders = [None, None, *(world.accounts[who].id for who in ("intake", "programme", "applicant"))]
    for n in range(COUNT):
        case = random.choice(cases)
        due = random.choice([None, world.now + timedelta(days=random.randint(-20, 20))])
        session.add(
            WorkItem(
                process_id=process, case_id=case.id, unit_id=case.unit_id, direction_code=case.direction_code,
                token=str(n), process_key="x", element=random.choice(("check", "sign")), name="x",
                role=random.choice(("intake", "programme", "applicant")), form_key="x",
                holder_id=random.choice(holders), status=random.choice(("open", "open", "open", "done")),
                opened_at=world.now, due_at=due, amount_fen=random.randint(0, 4) * 1_000_000,
            )
        )  # fmt: skip
    session.commit()
    by_id = {case.id: case for case in [*cases, first]}
    names = {unit.id: unit.name for unit in units}
    return [
        Line(item, f"{case.title} {case.number or ''} {names[case.unit_id]}", names[case.unit_id])
        for item in session.exec(select(WorkItem).where(col(WorkItem.status) == "open"))
        for case in [by_id[item.case_id]]
    ]


def let_through(line: Line, account: Account, asked: Filters, now: datetime) -> bool:
    """The filters in plain Python."""
    item = line.item
    return all(
        (
            in_scope(item, account, asked.scope),
            belongs(item.direction_code, asked.direction),
            not asked.element or item.element == asked.element,
            not asked.role or item.role == asked.role,
            not asked.holder or str(item.holder_id or "none") == asked.holder,
            asked.unit in line.unit,
            due_within(item.due_at, asked.due, local_day(now)),
            asked.amount_from is None or item.amount_fen >= asked.amount_from,
            asked.amount_to is None or item.amount_fen <= asked.amount_to,
            all(word in line.text.lower() for word in asked.text.lower().split()),
        )
    )


def in_scope(item: WorkItem, account: Account, scope: str) -> bool:
    """Mine, unclaimed and of a role of mine, or all I may see; a unit's roles are for its own cases."""
    mine, inside = item.holder_id == account.id, bool(INTERNAL & set(account.roles))
    group = item.role in account.roles and (
        item.role not in OF_A_UNIT or item.unit_id == account.organization_id
    )
    seen = {"mine": mine, "group": group and item.holder_id is None, "all": inside or mine or group}
    return seen[scope]


def due_within(due: datetime | None, wanted: str, today: date) -> bool:
    """Overdue once the day is over; today; within seven days more; or without any limit."""
    if wanted in ("", "none"):
        return not wanted or due is None
    days = (local_day(due) - today).days if due else None
    return days is not None and {"overdue": days < 0, "today": days == 0, "week": 0 <= days <= 7}[wanted]


def in_order(sort: str) -> Callable[[Line], tuple[Any, ...]]:
    """The orders in plain Python; no due date comes last."""
    last = datetime.max.replace(tzinfo=UTC)
    orders: dict[str, Callable[[WorkItem], tuple[Any, ...]]] = {
        "due": lambda item: (item.due_at or last, item.id),
        "newest": lambda item: (-(item.id or 0),),
        "oldest": lambda item: (item.id,),
        "amount": lambda item: (-item.amount_fen, -(item.id or 0)),
    }
    return lambda line: orders[sort](line.item)


FEN = st.sampled_from((None, 0, 1_000_000, 3_000_000))
FILTERS = st.builds(
    Filters,
    scope=st.sampled_from(("mine", "group", "all")),
    direction=st.sampled_from(("", "T3", "T3-D1-S1", "T1", "F")),
    element=st.sampled_from(("", "", "check", "sign")),
    role=st.sampled_from(("", "", "intake", "applicant")),
    holder=st.sampled_from(("", "", "none", "1", "2", "5")),
    unit=st.sampled_from(("", "", "重工", "示", "没有")),
    due=st.sampled_from(("", "", "overdue", "today", "week", "none")),
    amount_from=FEN,
    amount_to=FEN,
    text=st.sampled_from(("", "", "汽车", "量子传感", "1", "示 c-1", "粉 battery", "没有")),
    sort=st.sampled_from(("due", "newest", "oldest", "amount")),
)


@pytest.mark.parametrize(("look", "read", "few"), [(10_000, 1_000, 2_000), (7, 3, 0), (20, 5, 3)])
def test_an_inbox_is_what_plain_filters_let_through(
    world: Bureau, lines: list[Line], look: int, read: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, order, counts and everything at once, for people inside and outside."""
    for module, name, value in (
        (lists, "LOOK", look),
        (lists, "READ", read),
        (search, "LOOK", look),
        (search, "FEW", few),
    ):
        monkeypatch.setattr(module, name, value)

    @settings(
        max_examples=40, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(FILTERS, st.sampled_from(("intake", "programme", "applicant", "supervision")))
    def agrees(asked: Filters, who: str) -> None:
        account, session = world.accounts[who], world.session
        wanted = sorted(
            (x for x in lines if let_through(x, account, asked, world.now)), key=in_order(asked.sort)
        )
        keys, cursor = list[int | None](), None
        while True:
            page = inbox(session, account, replace(asked, cursor=cursor), world.now, size=5)
            keys += [row.item.id for row in page.rows]
            total, unfinished = page.total, page.unfinished
            assert total.number <= len(wanted)
            assert not total.exact or total.number == len(wanted)
            assert unfinished or len(page.rows) == 5 or page.after is None
            if (cursor := page.after) is None:
                break
        assert keys == [line.item.id for line in wanted]
        assert everything(session, account, asked, world.now, 4) == keys[:5]
        for scope, count in page.counts.items():
            everybody = sum(in_scope(line.item, account, scope) for line in lines)
            assert count.number == min(everybody, look)
            assert count.exact == (everybody <= look)

    agrees()
