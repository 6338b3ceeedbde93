"""A tie that nothing compared can break: over the quota line it is the chair's vote, and the vote is written."""

from tests.engine.reviewing.worlds import batch, open_round, score
from tests.worlds import Bureau, refusal


def test_a_tie_over_the_quota_line_waits_for_the_vote(world: Bureau) -> None:
    """Second and third are equal in everything and one place is left: not without a word; a tie elsewhere may be."""
    cases = [case.id or 0 for case in batch(world, 4)]
    open_round(world, 2)
    world.seat_panel()
    score(world, dict(zip(cases, [90, 80, 80, 60], strict=True)))
    said = refusal(lambda: world.do("confirm_ranking", "proceed"))
    world.do("confirm_ranking", "proceed", comment="组长表决：第二名在前，3 比 2")
    assert said == "第 2 名与下一名同分且各分项相同，限额线未能分出先后；请由组长表决，并在意见中写明结果。"


def test_a_tie_within_the_quota_needs_no_vote(world: Bureau) -> None:
    """Both are inside the line, whatever their order."""
    cases = [case.id or 0 for case in batch(world, 3)]
    open_round(world, 2)
    world.seat_panel()
    score(world, dict(zip(cases, [80, 80, 60], strict=True)))
    world.do("confirm_ranking", "proceed")
    assert "confirm_ranking" not in world.open_steps()
