"""Everything the page of a draw shows: the newest draw, its seats with reasons, the lots, who came."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from engine.errors import NotFound
from engine.people import permissions
from engine.people.models import Account, Expert, ExpertKind, Organization
from engine.reviewing import draws
from engine.reviewing.models import Draw, DrawAttempt, ReviewRound
from web.addresses import is_number
from web.clock import now
from web.language import is_english
from web.language import translate as _
from web.rounds.panel import Seat as Member
from web.rounds.panel import seats_of

if TYPE_CHECKING:
    from engine.reviewing.forcing import Forced
    from engine.reviewing.pool import Hit, Pool, PoolMember
    from engine.reviewing.proofs import Replay

SHOWN = 50
"""Candidates on one page."""
PARTS = ("domain", "text", "keywords", "bids", "embedding")


@dataclass(frozen=True)
class Person:
    """An expert as the draw's officers see one."""

    name: str
    unit: str
    kinds: str
    outside: bool


@dataclass(frozen=True)
class Better:
    """A better-ranked expert who does not sit there, and the rule that kept them out."""

    account: int
    person: Person
    why: str


@dataclass(frozen=True)
class Seat:
    """One drawn seat with its reasons: parts of the score, rank among the eligible, backups, who was better."""

    person: Person
    row: Mapping[str, Any]
    backups: Sequence[Person]
    better: Sequence[Better]

    @property
    def parts(self) -> list[tuple[str, float]]:
        """The parts of the score that had data, each from 0 to 1."""
        words = {
            "domain": _("学科"),
            "text": _("题目与摘要"),
            "keywords": _("关键词"),
            "bids": _("意愿"),
            "embedding": _("语义"),
        }
        told = self.row.get("parts") or {}
        return [(words[name], told[name]) for name in PARTS if name in told]


@dataclass(frozen=True)
class Counterfactual:
    """What it would cost if this expert sat in this panel (反事实)."""

    part: int
    person: Person
    forced: "Forced"


@dataclass(frozen=True)
class PoolPart:
    """Some of the candidates, from number `first` of `total` on."""

    members: "Sequence[PoolMember]"
    total: int
    first: int

    @property
    def before(self) -> int | None:
        """Where the part before begins."""
        return max(0, self.first - SHOWN) if self.first else None

    @property
    def after(self) -> int | None:
        """Where the next part begins."""
        return self.first + SHOWN if self.first + SHOWN < self.total else None


def _in_tab(one: "PoolMember", tab: str) -> bool:
    return {"eligible": one.eligible, "barred": not one.eligible, "declare": one.to_declare}.get(tab, True)


@dataclass(frozen=True)
class DrawPage:
    """The draw of a round; `may_draw` and `may_approve` are decisions whose denial is a disabled button's text."""

    round: ReviewRound
    draw: Draw | None
    is_due: bool
    may_draw: permissions.Decision
    may_approve: permissions.Decision
    pool: "Pool | None"
    people: Mapping[int, Person]
    seats: Sequence[Seat]
    attempts: Sequence[DrawAttempt]
    members: Sequence[Member]
    earlier: Sequence[Draw]
    replay: "Replay | None" = None
    counterfactual: Counterfactual | None = None

    @property
    def status(self) -> str:
        """Where the draw stands; `none` before the first one and after one that was taken back."""
        return self.draw.status if self.draw is not None else "none"

    @property
    def solving(self) -> bool:
        """Whether the worker has it."""
        return self.status in draws.WAITING

    @property
    def may_prepare(self) -> bool:
        """Whether the round waits for a draw, and none is being solved."""
        return self.is_due and not self.solving

    @property
    def may_lots(self) -> permissions.Decision:
        """May lots be drawn? Not before what was pinned or changed is approved."""
        made = self.draw
        waits = made is not None and made.needs_approval and made.approved_by is None
        told = permissions.Denied(_("指定专家或调整条件须先经分管领导批准，才能抽签。"))
        return told if self.may_draw and waits else self.may_draw

    @property
    def compared(self) -> Draw | None:
        """The draw this what-if is to be held against: the one before it, for the same panel."""
        wish = self.draw.wish if self.draw else {}
        if self.draw is None or not (wish["pins"] or wish["forbids"] or wish["changes"]) or not self.earlier:
            return None
        before = self.earlier[0]
        same = before.panel_no == self.draw.panel_no
        return before if same and "total" in before.result and "total" in self.draw.result else None

    @property
    def begun(self) -> bool:
        """Whether somebody of the panel has opened a file: from then on nothing is taken back."""
        return any(one.member.opened_at for one in self.members)

    @property
    def split(self) -> bool:
        """Whether the group is judged by more than one panel."""
        return len({seat.row["part"] for seat in self.seats}) > 1

    def titles(self, case_ids: Iterable[int]) -> list[str]:
        """What these applications are called, in the order of the draw."""
        listed = self.draw.instance["applications"] if self.draw else ()
        wanted = set(case_ids)
        return [one["title"] for one in listed if one["id"] in wanted]

    def rule_title(self, key: str) -> str:
        """What a condition is called."""
        return next((line.title for line in (self.pool.rules if self.pool else ()) if line.key == key), key)

    def pool_shown(self, sent: "Mapping[str, str]") -> PoolPart:
        """The candidates asked for: of a tab, with a name or unit, from so many on."""
        find, tab, start = sent.get("find", "").strip(), sent.get("pool", ""), sent.get("from", "")
        members = [one for one in self.pool.members if _in_tab(one, tab)] if self.pool else []
        found = [one for one in members if find in one.name or find in one.unit]
        first = int(start) if is_number(start) else 0
        return PoolPart(found[first : first + SHOWN], len(found), first)

    def grouped(self, hits: "Iterable[Hit]") -> "list[tuple[Hit, int]]":
        """Equal findings told once, each with the number of applications it is about (0: the whole group)."""
        found: dict[tuple[str, str, str], tuple[Hit, int]] = {}
        for hit in hits:
            key = (hit.rule, hit.force, hit.evidence)
            first, count = found.get(key, (hit, 0))
            found[key] = (first, count + (hit.case_id is not None))
        return list(found.values())

    @property
    def gap(self) -> float | None:
        """How far the best so far may be from the optimum, as a share."""
        made = self.draw
        if made is None or made.bound is None or made.incumbent is None or not made.bound:
            return None
        return abs(made.bound - made.incumbent) / abs(made.bound)


def draw_page(
    session: Session,
    round_id: int,
    account: Account,
    *,
    replayed: bool = False,
    pooled: bool = True,
    forced: tuple[int, int] | None = None,
) -> DrawPage:
    """The page for who draws, approves or supervises; Forbidden for everybody else.

    `pooled` false spares the search for conflicts where only the progress is looked at; `forced` is the panel and
    the expert whose counterfactual is asked for.
    """
    from engine.reviewing.pool import pool  # noqa: PLC0415 - brings numpy and scipy, which no other page needs

    permissions.may_see_draw(account).require()
    opened = session.get(ReviewRound, round_id)
    if opened is None:
        raise NotFound(f"没有编号为 {round_id} 的评审轮次。")
    made = draws.current(session, round_id)
    is_due = draws.draw_item(session, round_id) is not None
    people = _people(session)
    published = opened.panel_no > 0
    return DrawPage(
        round=opened,
        draw=made,
        is_due=is_due,
        may_draw=draws.may_draw_round(session, round_id, account),
        may_approve=permissions.may_relax(account),
        pool=pool(session, round_id, now=now()) if pooled and is_due else None,
        people=people,
        seats=[_seat(row, people) for row in made.seats] if made else [],
        attempts=draws.attempts(session, made.id) if made else (),
        members=seats_of(session, opened, named=True, told=True) if published else (),
        earlier=_earlier(session, round_id, made),
        replay=_replay(session, made) if replayed and made else None,
        counterfactual=_counterfactual(session, made, people, forced, account) if forced and made else None,
    )


def _replay(session: Session, made: Draw) -> "Replay":
    from engine.reviewing import proofs  # noqa: PLC0415 - brings the optimizer

    return proofs.replay(session, made.id or 0)


def _counterfactual(
    session: Session, made: Draw, people: Mapping[int, Person], asked: tuple[int, int], account: Account
) -> Counterfactual:
    from engine.reviewing import forcing  # noqa: PLC0415 - brings the optimizer

    part, who = asked
    forced = forcing.force(session, made.id or 0, part, who, actor=account)
    return Counterfactual(part, people[who], forced)


def _people(session: Session) -> dict[int, Person]:
    statement = (
        select(Expert, Account.name, Organization.name)
        .join(Account, col(Account.id) == Expert.account_id)
        .join(Organization, col(Organization.id) == Expert.organization_id)
    )
    return {
        expert.account_id: Person(name, unit, kinds_of(expert.kinds), expert.outside_city)
        for expert, name, unit in session.exec(statement)
    }


def kinds_of(kinds: Sequence[str]) -> str:
    """Technical, finance, management in the reader's language."""
    words = [ExpertKind.of(kind) for kind in kinds]
    return "、".join(word.zh for word in words) if not is_english() else ", ".join(word.en for word in words)


def _seat(row: Mapping[str, Any], people: Mapping[int, Person]) -> Seat:
    return Seat(
        people[row["account"]],
        row,
        [people[one] for one in row["backups"]],
        [
            Better(one["account"], people[one["account"]], rule_words(one["rule"]))
            for one in row.get("better", [])
        ],
    )


def rule_words(rule: str) -> str:
    """Why a better-ranked expert was not chosen."""
    return {
        "cap": _("已在其他组，本年次数用尽"),
        "unit": _("同单位已有专家，每个单位限 1 人"),
        "composition": _("与类别、学科、市外比例等条件不能同时满足"),
        "lots": _("在抽签名单中，本次未抽中"),
    }.get(rule, rule)


def _earlier(session: Session, round_id: int, newest: Draw | None) -> Sequence[Draw]:
    """The draws before the newest, newest first: replaced and undone ones stay on record."""
    statement = select(Draw).where(Draw.round_id == round_id)
    if newest is not None:
        statement = statement.where(Draw.id != newest.id)
    return session.exec(statement.order_by(col(Draw.id).desc())).all()
