"""A group larger than one panel may read: split by similarity, drawn, scored, ranked together."""

from decimal import Decimal

from sqlmodel import select

from engine import policy
from engine.cases import door
from engine.cases.models import WorkItem
from engine.clock import local_day
from engine.people.models import Account
from engine.reviewing import draws, posing, rounds
from optimizer import instance, solve
from optimizer.result import Standing
from tests.engine.reviewing.worlds import batch, open_round, prepare, publish, widen_pool
from tests.worlds import Bureau


def test_a_large_group_is_split_drawn_scored_and_ranked_together(world: Bureau) -> None:
    """Four applications, two at most for a panel: like with like, two panels of five, one ranking."""
    cases = batch(world, 4)
    for number, case in enumerate(cases):
        case.title = ("机器人焊接装备", "水稻病害防治")[number % 2] + f"研究{number}"
    policy.set_policy(
        world.session, "panel_applications_max", 2, effective_from=local_day(world.now), clause="局务会纪要"
    )
    widen_pool(world, 16)
    opened = open_round(world)
    made = prepare(world, opened.id or 0)
    split = [sorted(one["applications"]) for one in made.result["panels"]]
    publish(world, made)
    world.accept_all()
    _score_own(world, {case.id or 0: 60 + 5 * number for number, case in enumerate(cases)})
    ids = [case.id or 0 for case in cases]
    ranked = [entry.case_id for entry in rounds.entries(world.session, opened.id)]
    assert sorted(split) == [[ids[0], ids[2]], [ids[1], ids[3]]]
    assert draws.faults(world.session, made.id or 0) == []
    assert (ranked, world.open_steps()) == (ids[::-1], ["confirm_ranking"])


def test_a_letter_instance_of_the_rows_is_solved(world: Bureau) -> None:
    """The same rows in letter mode: every application has experts of its own, none in conflict."""
    batch(world, 2)
    widen_pool(world, 12)
    made = prepare(world, open_round(world).id or 0)
    told = made.instance | {"policy": made.instance["policy"] | {"mode": "letter"}}
    problem = instance.from_json(told, posing.digest(told))
    result = solve.solve(problem)
    barred = {(one["application"], one["expert"]) for one in told["conflicts"] if one["force"] != "soft"}
    assert (result.status, len(result.pairs)) == (Standing.OPTIMAL, 10)
    assert not barred & set(result.pairs)


def _score_own(world: Bureau, percents: dict[int, int]) -> None:
    """Every member scores the applications of the own panel."""
    statement = select(WorkItem).where(WorkItem.element == "score", WorkItem.status == "open")
    values = policy.values(world.session, local_day(world.now))
    for item in sorted(world.session.exec(statement), key=lambda one: one.id or 0):
        weights = rounds.rubric_of(values, item.direction_code)["dimensions"]
        rows = [
            {
                "case_id": case,
                "points": {d["key"]: str(Decimal(d["weight"]) * percents[case] / 100) for d in weights},
                "recommend": True,
            }
            for case in rounds.own_cases(world.session, item)
        ]
        actor = world.session.get_one(Account, item.holder_id)
        payload = {"outcome": "submit", "rows": rows}
        door.complete(world.session, item.id or 0, actor=actor, payload=payload, now=world.now)
