"""The formal check's list, for whoever reads it beside the form in which it is decided."""

from collections.abc import Sequence

from engine.cases.models import CheckResult


def to_read(checks: Sequence[CheckResult], *, checking: bool) -> list[CheckResult]:
    """The items of the formal check that are not fields of the form somebody is filling in."""
    return [one for one in checks if not checking or one.how == "machine"]
