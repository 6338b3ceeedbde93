"""Rules that are limits and not pairs: 15 (unit cap), 16 (share), 17 (load), 19 (backups). 18 and 20 are elsewhere.

Rule 18 excludes pairs (`by_record`); rule 20 is a duty, and `rules.FOR_APPLICANTS` is all an applicant is told.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from optimizer.conflicts.relations import Relations
from optimizer.conflicts.windows import Windows
from optimizer.identity import resolve
from optimizer.problem import Expert, Id, Policy


class Sitting(StrEnum):
    """What a panel does in a day."""

    DEFENCE = "defence"  # 答辩
    READING = "reading"  # 审读


@dataclass(frozen=True)
class Limit:
    """An expert's lowered cap and what it rests on."""

    expert: Id
    cap: int
    evidence: str


def limited(
    experts: Sequence[Expert], relations: Relations, windows: Windows, on: date
) -> tuple[tuple[Expert, ...], tuple[Limit, ...]]:
    """Experts with what the year still allows them (rule 17), in the same order, and the caps that were lowered.

    Reviews already done count for the person, under whichever account they were done.
    """
    identity = resolve(relations.people)
    done: dict[str, int] = defaultdict(int)
    for load in dict.fromkeys(relations.loads):
        if load.year == on.year:
            done[identity.person(load.person)] += load.reviews
    capped, limits = [], []
    for expert in experts:
        used = done[identity.person(expert.person)] if expert.person else 0
        left = max(0, windows.yearly_reviews - used)
        if left < expert.cap:
            name = identity.names.get(identity.person(expert.person)) or str(expert.id)
            limits.append(
                Limit(
                    expert.id,
                    left,
                    f"专家{name}{on.year}年已评审{used}次，年度上限{windows.yearly_reviews}次，尚可承担{left}次",
                )
            )
        cap = min(left, expert.cap)
        capped.append(replace(expert, cap=cap, minimum=min(cap, expert.minimum)))
    return tuple(capped), tuple(limits)


def in_policy(policy: Policy, windows: Windows, sitting: Sitting) -> Policy:
    """The solver's policy with rule 15 (experts of one unit) and rule 17 (applications a day) in force."""
    daily = windows.daily_defences if sitting is Sitting.DEFENCE else windows.daily_readings
    least, most = policy.panel_sizes
    return replace(
        policy,
        unit_cap=windows.unit_cap,
        panel_sizes=(min(least, daily), min(most, daily)),
        versions={**policy.versions, **windows.versions},
    )


def establishment_limit(seats: int, windows: Windows) -> int:
    """Rule 16: most establishment reviewers of a project in its acceptance panel."""
    return int(seats * windows.establishment_share)


def backups(seats: int, windows: Windows) -> int:
    """Rule 19: how many ordered backups go with so many seats."""
    return seats * windows.backups_per_seat
