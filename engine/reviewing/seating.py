"""Who sits where (席位): seats taken and held, invitations sent, substitutes in order, what a round is told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from engine import history
from engine.cases import door
from engine.cases.models import Message, Process
from engine.cases.moves import Move
from engine.clock import local_day
from engine.people.models import Account
from engine.reviewing import draws
from engine.reviewing.models import Draw, PanelMember, ReviewRound, RoundEntry
from engine.reviewing.wishes import Wish

if TYPE_CHECKING:
    from engine.reviewing.posing import Posed
    from optimizer.problem import Expert

PANEL_MESSAGE = "panel_ready"
INVITATION = "expert_invitation"


@dataclass(frozen=True)
class Hand:
    """Who moves a seat and when; `key` is one move's own, so that no message is sent twice."""

    session: Session
    actor: Account
    now: datetime
    key: str

    def note(self, opened: ReviewRound, verb: str, summary: str, **payload: Any) -> None:
        """A line in the round's history, without anybody's name."""
        history.record(
            self.session,
            f"round:{opened.id}",
            at=self.now,
            actor=self.actor.login,
            verb=verb,
            summary=summary,
            payload=payload,
        )


def hand_of(move: Move) -> Hand:
    """The hand of a step of a process."""
    return Hand(move.session, move.actor, move.now, f"{move.process.id}:{move.process.revision}")


def seat_panel(hand: Hand, opened: ReviewRound, made: Draw, posed: "Posed") -> None:
    """Take the seats of a published draw and invite whoever does not hold one already; one invitation for each."""
    opened.panel_no, opened.reviewing_at = made.panel_no, None
    read_again(hand.session, opened, [case.id or 0 for case in posed.cases], made.panel_no)
    held = {one.account_id: one for one in members(hand.session, opened.id or 0, made.panel_no)}
    for seat in _bundles(made.seats):
        before = held.get(seat["account"])
        if before is not None and before.standing in draws.STAYS:
            before.draw_id, before.cases = made.id, seat["cases"]
            continue
        invite(hand, opened, posed, before, seat, made.id)


def read_again(session: Session, opened: ReviewRound, cases: Collection[int], panel_no: int) -> None:
    """These applications are the ones the panel of this number reads; earlier scores of the others still count."""
    statement = select(RoundEntry).where(RoundEntry.round_id == opened.id, col(RoundEntry.case_id).in_(cases))
    for entry in session.exec(statement):
        entry.panel_no = panel_no


def _bundles(seats: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One seat for each expert with all the applications read there; in letter review often several."""
    found: dict[int, dict[str, Any]] = {}
    for seat in seats:
        whole = found.setdefault(seat["account"], {**seat, "cases": []})
        whole["cases"] = sorted({*whole["cases"], *seat["cases"]})
    return list(found.values())


def invite(
    hand: Hand,
    opened: ReviewRound,
    posed: "Posed",
    before: PanelMember | None,
    seat: Mapping[str, Any],
    draw_id: int | None,
    replaces: int | None = None,
) -> PanelMember:
    """Seat somebody as invited, with what must be declared, and start the invitation's own process."""
    session = hand.session
    member = before or PanelMember(
        round_id=opened.id or 0, panel_no=opened.panel_no, account_id=seat["account"]
    )
    member.draw_id, member.part, member.standing = draw_id, seat["part"], "invited"
    member.cases, member.replaces_id = sorted(seat["cases"]), replaces
    member.answered_at, member.reason = None, ""
    member.declared = {"unknown": posed.unknowns(member.account_id, member.cases)}
    session.add(member)
    session.flush()
    door.start(
        session,
        INVITATION,
        kind="side",
        actor=hand.actor,
        now=hand.now,
        round_id=opened.id,
        subject={
            "direction_code": opened.direction_code,
            "title": opened.title,
            "member": member.id,
            "holder": member.account_id,
        },
        summary="发出评审邀请" + ("（备选递补）" if replaces else ""),
    )
    return member


def members(session: Session, round_id: int, panel_no: int | None = None) -> list[PanelMember]:
    """Everybody who was ever seated in a round, or in one of its panels, in order."""
    statement = select(PanelMember).where(PanelMember.round_id == round_id).order_by(col(PanelMember.id))
    if panel_no is not None:
        statement = statement.where(PanelMember.panel_no == panel_no)
    return list(session.exec(statement))


def holding(session: Session, opened: ReviewRound) -> list[PanelMember]:
    """Who holds a seat of the newest panel now."""
    return [one for one in members(session, opened.id or 0, opened.panel_no) if one.standing in draws.STAYS]


def posed_today(session: Session, opened: ReviewRound, now: datetime) -> "Posed":
    from engine.reviewing import posing  # noqa: PLC0415 - brings numpy and scipy

    made = published(session, opened)
    changes = made.wish.get("changes", {}) if made else {}
    approver = (made.approved_by if made else None) or "分管领导"
    return posing.pose(session, opened, local_day(now), changes, approver)


def published(session: Session, opened: ReviewRound) -> Draw | None:
    statement = select(Draw).where(Draw.round_id == opened.id, Draw.status == "published")
    return session.exec(statement.order_by(col(Draw.id).desc())).first()


def barred_from(posed: "Posed", member: PanelMember) -> dict[int, str]:
    """The applications a member has to leave on the day, each with why.

    A conflict with one is a conflict with the panel's whole group; in letter review with that application alone.
    """
    from engine.reviewing import conditions  # noqa: PLC0415

    judge = next((one for one in posed.judges if one.id == member.account_id), None)
    if judge is None:
        return dict.fromkeys(member.cases, "账号已停用，不在专家库")
    if not posed.terms.by_letter:
        why = "；".join(conditions.personal(posed, judge, known=True))
        return dict.fromkeys(member.cases, why) if why else {}
    found = {
        case: "；".join(conditions.personal(posed.about([case]), judge, known=True)) for case in member.cases
    }
    return {case: why for case, why in found.items() if why}


def give_up(
    hand: Hand, opened: ReviewRound, member: PanelMember, lost: Mapping[int, str], posed: "Posed"
) -> None:
    """Take a member off these applications for a conflict; whoever has others left keeps those.

    Once the score sheets are out an application given up alone has no sheet to pass on: its other opinions decide.
    """
    left, why = [case for case in member.cases if case not in lost], "；".join(dict.fromkeys(lost.values()))
    if left:
        member.cases = left
        words = f"一位专家就 {len(lost)} 个项目回避，其余 {len(left)} 个照评"
        hand.note(opened, "conflict", words, member=member.id, cases=sorted(lost), reason=why)
        if opened.reviewing_at is None:
            substitute(hand, opened, member, posed, list(lost))
        return
    member.standing, member.reason = "conflict", why
    substitute(hand, opened, member, posed)


def substitute(
    hand: Hand, opened: ReviewRound, gone: PanelMember, posed: "Posed", freed: Sequence[int] | None = None
) -> str:
    """Invite the next backup of the seat that keeps the panel sound; without one, call the drawing officer.

    `freed` are the applications a member gives up who keeps others (letter review). Each application's experts are
    judged alone there, but once the score sheets are out a sheet passes on whole, to one expert. Returns `seated`
    or `exhausted`. Once review is open no new draw is made: the round goes on with those it has.
    """
    hand.session.flush()
    given_up = gone.cases if freed is None else freed
    sittings = posed.sittings(given_up)
    if opened.reviewing_at is not None:
        sittings = [[case for one in sittings for case in one]]
    heirs = [(_heir(hand.session, opened, gone, posed, one), one) for one in sittings]
    for account_id in dict.fromkeys(heir for heir, _ in heirs if heir is not None):
        cases = [case for heir, one in heirs if heir == account_id for case in one]
        read = readable(posed, account_id, cases)
        seat = {"account": account_id, "part": gone.part, "cases": read}
        invite(hand, opened, posed, None, seat, gone.draw_id, gone.id)
    if all(heir is not None for heir, _ in heirs):
        return "seated"
    _exhausted(hand, opened)
    return "exhausted"


def _heir(
    session: Session, opened: ReviewRound, gone: PanelMember, posed: "Posed", cases: Sequence[int]
) -> int | None:
    """The first backup nobody has asked yet who keeps every panel that reads these applications sound."""
    tried = {one.account_id for one in members(session, opened.id or 0, opened.panel_no)}
    judges = {int(one.id): one for one in posed.judges}
    panels = []
    for part in posed.sittings(cases):
        staying = [
            one for one in holding(session, opened) if one.id != gone.id and _beside(posed, one, gone, part)
        ]
        seated = [judges[one.account_id] for one in staying if one.account_id in judges]
        panels.append((posed.about(part) if posed.terms.by_letter else posed, seated))
    for candidate in _backups(session, gone, cases):
        out = candidate in tried or candidate not in judges or not readable(posed, candidate, cases)
        if not out and all(_sound(about, [*seated, judges[candidate]]) for about, seated in panels):
            return candidate
    return None


def _beside(posed: "Posed", one: PanelMember, gone: PanelMember, cases: Sequence[int]) -> bool:
    """Does this member read with whoever has gone?"""
    return bool({*one.cases} & {*cases}) if posed.terms.by_letter else one.part == gone.part


def _sound(posed: "Posed", seated: Sequence["Expert"]) -> bool:
    """Whether the last of these may sit with the others; a panel still short of people may yet be completed."""
    from engine.reviewing import conditions  # noqa: PLC0415

    complete = len(seated) >= posed.terms.seats
    return not conditions.personal(posed, seated[-1]) and not (
        complete and conditions.together(posed, seated)
    )


def readable(posed: "Posed", account_id: int, cases: Sequence[int]) -> list[int]:
    """The applications a substitute reads: the seat's, less those to abstain on."""
    return [one for one in cases if not posed.abstains(one, account_id)]


def _backups(session: Session, gone: PanelMember, cases: Sequence[int]) -> list[int]:
    """The ordered backups for these applications: of the seat whoever has gone sat in, of those beside it, of all."""
    made = session.get(Draw, gone.draw_id) if gone.draw_id else None
    first = gone
    while first.replaces_id is not None:
        first = session.get_one(PanelMember, first.replaces_id)

    def distance(seat: Mapping[str, Any]) -> tuple[bool, bool]:
        shared = bool({*seat["cases"]} & {*cases})
        return not (shared and seat["account"] == first.account_id), not shared

    seats = sorted(made.seats, key=distance) if made else []
    return [who for seat in seats for who in seat["backups"]]


def _exhausted(hand: Hand, opened: ReviewRound) -> None:
    """No backup is left: before review opens the drawing officer gets the step back, the others stay seated."""
    if opened.reviewing_at is not None:
        hand.note(opened, "shortage", "备选已用尽，本轮按其余专家的有效评分继续")
        return
    process = draws.round_process(hand.session, opened.id or 0)
    told = select(Message.id).where(
        Message.process_id == process.id, Message.name == PANEL_MESSAGE, col(Message.delivered_at).is_(None)
    )
    if hand.session.exec(told).first() is None and draws.draw_item(hand.session, opened.id or 0) is None:
        hand.note(opened, "shortage", "备选已用尽，须由抽取岗补抽，其余席位不动")
        tell_round(hand.session, opened, "short", hand.now, f"{hand.key}:short", [])
        wish = Wish(reason="备选用尽，补抽")
        draws.pose_draw(hand.session, opened, actor=history.SYSTEM, now=hand.now, wish=wish)


def vacancies(session: Session) -> list[tuple[PanelMember, ReviewRound]]:
    """Seats nobody is left for though review has begun (席位空缺): the last of their line has gone unreplaced."""
    heir = aliased(PanelMember)
    statement = (
        select(PanelMember, ReviewRound)
        .join(ReviewRound, col(ReviewRound.id) == PanelMember.round_id)
        .join(Process, (col(Process.round_id) == ReviewRound.id) & (col(Process.kind) == "round"))
        .where(
            col(Process.ended_at).is_(None),
            col(ReviewRound.reviewing_at).is_not(None),
            col(PanelMember.panel_no) == ReviewRound.panel_no,
            col(PanelMember.standing).not_in(draws.STAYS),
            ~select(heir.id).where(col(heir.replaces_id) == PanelMember.id).exists(),
        )
        .order_by(col(PanelMember.id))
    )
    return list(session.exec(statement).all())


def tell_round(
    session: Session, opened: ReviewRound, outcome: str, now: datetime, key: str, panel: list[int]
) -> None:
    door.send(
        session,
        draws.round_process(session, opened.id or 0).id or 0,
        PANEL_MESSAGE,
        outcome,
        now=now,
        key=f"panel:{opened.id}:{key}",
        payload={"panel": panel},
    )
