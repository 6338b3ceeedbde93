"""Who sits where (席位): seats taken and held, invitations sent, substitutes in order, what a round is told."""

from collections.abc import Mapping
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
from engine.reviewing.models import Draw, PanelMember, ReviewRound

if TYPE_CHECKING:
    from engine.reviewing.posing import Posed

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
    """Take the seats of a published draw and invite whoever does not hold one already."""
    opened.panel_no, opened.reviewing_at = made.panel_no, None
    held = {one.account_id: one for one in members(hand.session, opened.id or 0, made.panel_no)}
    for seat in made.seats:
        before = held.get(seat["account"])
        if before is not None and before.standing in draws.STAYS:
            before.draw_id, before.cases = made.id, seat["cases"]
            continue
        invite(hand, opened, posed, before, seat, made.id)


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
    member.cases, member.replaces_id = list(seat["cases"]), replaces
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


def conflict_of(posed: "Posed", account_id: int) -> str:
    """What bars an expert from the group on the day, in one sentence; empty when nothing does."""
    from engine.reviewing import conditions  # noqa: PLC0415

    judge = next(one for one in posed.judges if one.id == account_id)
    return "；".join(conditions.personal(posed, judge, known=True))


def substitute(hand: Hand, opened: ReviewRound, gone: PanelMember, posed: "Posed") -> str:
    """Invite the next backup of the seat that keeps the panel sound; without one, call the drawing officer.

    Returns `seated` or `exhausted`. Once review is open no new draw is made: the round goes on with those it has.
    """
    from engine.reviewing import conditions  # noqa: PLC0415

    hand.session.flush()
    tried = {one.account_id for one in members(hand.session, opened.id or 0, opened.panel_no)}
    staying = [
        one.account_id for one in holding(hand.session, opened) if one.part == gone.part and one.id != gone.id
    ]
    judges = {one.id: one for one in posed.judges}
    for candidate in _backups(hand.session, gone):
        if candidate in tried or candidate not in judges:
            continue
        others = [judges[one] for one in staying if one in judges]
        whole = conditions.together(posed, [*others, judges[candidate]])
        if conditions.personal(posed, judges[candidate]) or (whole and len(others) + 1 >= posed.terms.seats):
            continue
        seat = {"account": candidate, "part": gone.part, "cases": _cases_of(posed, gone, candidate)}
        invite(hand, opened, posed, None, seat, gone.draw_id, gone.id)
        return "seated"
    _exhausted(hand, opened)
    return "exhausted"


def _cases_of(posed: "Posed", gone: PanelMember, account_id: int) -> list[int]:
    """The applications a substitute reads: the seat's, less those to abstain on."""
    from optimizer.problem import Force  # noqa: PLC0415

    part = _part_cases(posed, gone)
    return [
        one for one in part if not any(hit.force is Force.ABSTAIN for hit in posed.found.why(one, account_id))
    ]


def _part_cases(posed: "Posed", gone: PanelMember) -> list[int]:
    listed = {case.id or 0 for case in posed.cases}
    return [one for one in gone.cases if one in listed]


def _backups(session: Session, gone: PanelMember) -> list[int]:
    """The ordered backups of the seat that whoever has gone sat in, first draw's seat first."""
    made = session.get(Draw, gone.draw_id) if gone.draw_id else None
    first = gone
    while first.replaces_id is not None:
        first = session.get_one(PanelMember, first.replaces_id)
    seats = made.seats if made else []
    own = [who for seat in seats if seat["account"] == first.account_id for who in seat["backups"]]
    return own + [who for seat in seats if seat["account"] != first.account_id for who in seat["backups"]]


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
        wish = draws.Wish(reason="备选用尽，补抽")
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
