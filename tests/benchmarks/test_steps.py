"""The benchmark of a step measures what it says: the same work on both sides, every case to its end."""

from benchmarks import steps
from benchmarks.lifecycle import ANSWERS, product


def test_door_and_bare_loop_take_the_same_steps() -> None:
    """Both assert the task they find; a step is what the statements' contract says."""
    with product() as world:
        figures = steps.measure_ratio(world, cases=2)
        statements = steps.measure_statements(world)["statements"]
    taken = [figures[side]["steps"] for side in ("door", "bare")]
    assert (taken, statements) == ([2 * len(ANSWERS)] * 2, 9)
