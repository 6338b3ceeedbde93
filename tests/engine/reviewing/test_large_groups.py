"""A group larger than one panel may read: split by similarity, drawn, scored, ranked together."""

from engine import policy
from engine.clock import local_day
from engine.reviewing import posing, proofs, rounds
from optimizer import instance, solve
from optimizer.result import Standing
from tests.engine.reviewing.worlds import batch, open_round, prepare, publish, score_own, widen_pool
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
    score_own(world, {case.id or 0: 60 + 5 * number for number, case in enumerate(cases)})
    ids = [case.id or 0 for case in cases]
    ranked = [entry.case_id for entry in rounds.entries(world.session, opened.id)]
    assert sorted(split) == [[ids[0], ids[2]], [ids[1], ids[3]]]
    assert proofs.faults(world.session, made.id or 0) == []
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
