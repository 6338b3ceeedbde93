"""The floor measures what it says: every case through all 21 steps, in order."""

from benchmarks import floor


def test_both_loops_take_every_case_to_its_end() -> None:
    """Each step asserts the task it finds; 21 completions a case."""
    steps = [floor.measure(make, cases=2)["steps"] for make in (floor.Bare, floor.Ours)]
    assert steps == [42, 42]
