"""The ranked list of a round: scores with those dropped, ties, what asks for another look, quota line, reserve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from engine import policy
from engine.cases.models import CaseFile
from engine.clock import local_day
from engine.people.models import Account, Organization
from engine.reviewing import rounds
from engine.reviewing.models import ReviewRound, RoundEntry, Score
from engine.reviewing.ranking import newest_scores
from web.clock import now
from web.expert.rubric import Rubric, rubric_for
from web.language import is_english
from web.language import translate as _


@dataclass(frozen=True)
class Given:
    """One expert's score of one application, as the list shows it."""

    score: Score
    name: str
    dropped: bool
    quarantined: bool

    @property
    def total(self) -> str:
        """The sum of the points, without idle zeros: 85.00 is 85."""
        return f"{Decimal(self.score.total).normalize():f}"


@dataclass(frozen=True)
class Entrant:
    """One application of the group with its unit, its scores and where it stands to the quota line."""

    entry: RoundEntry
    case: CaseFile
    unit: str
    given: Sequence[Given]

    @property
    def trace(self) -> Mapping[str, Any]:
        """How the mean came about."""
        return self.entry.trace

    @property
    def line(self) -> str:
        """within, reserve or out; empty before the ranking."""
        return str((self.trace.get("place") or {}).get("line", ""))

    @property
    def place(self) -> str:
        """Where it stands to the quota line, in words."""
        order = (self.trace.get("place") or {}).get("order")
        return {"within": _("限额内"), "reserve": _("备选第 %(n)s", n=order), "out": _("不推荐")}.get(
            self.line, ""
        )

    @property
    def spread(self) -> str:
        """How far the highest lies above the lowest; empty before there are scores."""
        return f"{Decimal(self.trace['spread']).normalize():f}" if "spread" in self.trace else ""

    @property
    def looks(self) -> list[str]:
        """What asks for another look (复评触发)."""
        words = {
            "dispersion": _("最高最低相差 %(n)s 分", n=self.spread),
            "split": _("推荐意见分歧且近推荐线"),
        }
        return [word for key, word in words.items() if self.trace.get(key)]


@dataclass(frozen=True)
class Ranking:
    """The group in order. `ties` names what breaks a tie; `quota_after` is the last rank within the quota."""

    entrants: Sequence[Entrant]
    ties: str
    thresholds: Mapping[str, Any]
    rubric: Rubric

    @property
    def ranked(self) -> bool:
        """Whether there is a ranking yet."""
        return any(one.entry.rank is not None for one in self.entrants)

    @property
    def triggered(self) -> list[Entrant]:
        """The applications that ask for another look."""
        return [one for one in self.entrants if one.looks]

    @property
    def funded(self) -> list[Entrant]:
        """The applications proposed to be funded."""
        return [one for one in self.entrants if one.entry.decision == "fund"]


def ranking_of(session: Session, opened: ReviewRound, *, scores_shown: bool, named: bool) -> Ranking:
    """The applications of a round, best first; scores only where they may be seen."""
    rubric = rubric_for(session, opened.direction_code, now())
    values = policy.values(session, local_day(now()))
    given = _given(session, opened, named=named) if scores_shown else {}
    listed = rounds.entries(session, opened.id)
    entrants = [
        Entrant(
            entry,
            case,
            session.get_one(Organization, case.unit_id).name,
            _dropped(entry, given.get(case.id, [])),
        )
        for entry in listed
        for case in [session.get_one(CaseFile, entry.case_id)]
    ]
    titles = {one.key: one.title for one in rubric.dimensions}
    order = [titles.get(key, key) for key in values["review_tie_break"]]
    names = ("review_line_fund", "review_line_reserve", "review_trim_from", "review_scores_valid_min")
    return Ranking(
        entrants, (", " if is_english() else "、").join(order), {name: values[name] for name in names}, rubric
    )


def _given(session: Session, opened: ReviewRound, *, named: bool) -> dict[int | None, list[Given]]:
    """The scores by application, each of the newest panel that read it."""
    rows = session.exec(newest_scores(opened)).all()
    accounts = select(Account.id, Account.name).where(
        col(Account.id).in_({one.account_id for one, _member in rows})
    )
    names = dict(session.exec(accounts).all())
    found: dict[int | None, list[Given]] = {}
    numbers: dict[int, int] = {}
    for score, member in rows:
        number = numbers.setdefault(score.account_id, len(numbers) + 1)
        name = names[score.account_id] if named else _("专家%(n)s", n=number)
        out = not member.counts_for(score.case_id)
        found.setdefault(score.case_id, []).append(Given(score, name, False, out))
    return found


def _dropped(entry: RoundEntry, given: Sequence[Given]) -> list[Given]:
    """Mark the one highest and the one lowest that the mean leaves out, the first of equals."""
    left = list(entry.trace.get("dropped", []))
    marked = []
    for one in given:
        out = not one.quarantined and one.score.total in left
        if out:
            left.remove(one.score.total)
        marked.append(Given(one.score, one.name, out, one.quarantined))
    return marked
