"""The property: whatever is on record and whoever declines, nobody in conflict ever holds a seat, by any path."""

import random

import pytest
from sqlmodel import select

from engine.cases.models import CaseFile
from engine.clock import local_day
from engine.people.models import Account, Expert, Organization
from engine.reviewing import conditions, draws, invitations, posing
from engine.reviewing.models import KnownRelation, ReviewRound
from tests.engine.reviewing.worlds import batch, open_round, prepare, publish, reply, widen_pool, work
from tests.worlds import Bureau

KINDS = ("consultant", "director", "direct", "supervisor", "avoided", "office")


def put_on_record(world: Bureau, case: int, dice: random.Random, count: int) -> None:
    """Relations by chance between people of the pool and the application, one of whom is of its team."""
    keys = [key for key in world.session.exec(select(Expert.person_key)) if key not in ("person4", "person5")]
    for kind in dice.choices(KINDS, k=count):
        at_unit = kind in ("consultant", "director")
        world.session.add(
            KnownRelation(
                kind=kind,
                person_key=dice.choice(keys),
                unit_code=world.unit.credit_code if at_unit else "",
                other_key=f"leader of case {case}" if kind in ("direct", "supervisor") else "",
                case_id=case if kind == "avoided" else None,
                title="示例事由",
                number=1,
            )
        )
    him = world.session.exec(select(Expert).where(Expert.person_key == dice.choice(keys))).one()
    him.birth_year = 1980
    home = world.session.get_one(Organization, him.organization_id)
    name = world.session.get_one(Account, him.account_id).name
    applied = world.session.get_one(CaseFile, case)
    applied.facts = applied.facts | {"team": [{"name": name, "unit": home.name, "birth_year": 1980}]}
    world.session.flush()


def in_conflict(world: Bureau, opened: ReviewRound) -> list[str]:
    """Everything against whoever holds a seat, recounted from the rows of the day."""
    posed = posing.pose(world.session, opened, local_day(world.now))
    judges = {one.id: one for one in posed.judges}
    return [
        sentence
        for one in invitations.holding(world.session, opened)
        for sentence in conditions.personal(posed, judges[one.account_id], known=True)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_nobody_in_conflict_ever_holds_a_seat(world: Bureau, seed: int) -> None:
    """Drawn, substituted, excused, drawn again; what comes on record in between counts for whoever comes after."""
    dice = random.Random(seed)
    case = batch(world, 1)[0].id or 0
    widen_pool(world, 16)
    put_on_record(world, case, dice, 5)
    opened = open_round(world)
    publish(world, prepare(world, opened.id or 0), str(seed))
    found = in_conflict(world, opened)
    for _ in range(6):
        world.settle()
        work(world)
        if (again := draws.current(world.session, opened.id)) is not None and again.status == "ready":
            publish(world, again, str(seed))
        invited = [one for one in invitations.holding(world.session, opened) if one.standing == "invited"]
        if not invited:
            break
        chosen = dice.choice(invited)
        outcome = dice.choice(("decline", "conflict", "accept"))
        said = {"comment": "没有时间"} if outcome == "decline" else {"signed": True}
        if outcome == "conflict":
            said = {"declarations": [{"case_id": case, "statement": "与负责人合作"}]}  # type: ignore[dict-item]
        reply(world, chosen.account_id, outcome, **said)
        found += in_conflict(world, opened)
    assert found == []
