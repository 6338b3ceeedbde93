"""The draw (抽取专家): wish, approve, lots before a witness, publish. The worker (`jobs.draws`) solves.

Who draws is never who grouped (管理、使用、抽取分离). List and pool are hashed, and the secret is committed, before the
witness gives a number; every drawing of lots is kept, and replayed in `proofs`.
"""

import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engine import history, policy
from engine.cases import door
from engine.cases.models import FormRecord, Process, WorkItem
from engine.clock import local_day
from engine.errors import Conflict, NotFound, Refused, Unusable
from engine.people import permissions
from engine.people.models import Account
from engine.reviewing.models import Draw, DrawAttempt, PanelMember, ReviewRound
from engine.reviewing.terms import KEYS
from engine.reviewing.wishes import NO_WISH, Wish, check_names, checked_changes

WAITING = ("queued", "solving")
LONGEST_NAME = 100
NUMBER = re.compile(r"[0-9]{1,20}")
OPEN = ("queued", "solving", "ready", "short", "failed", "cancelled", "drawn")
"""Draws that a new one takes the place of."""
STAYS = ("invited", "accepted")
"""Standings that hold a seat."""


LONGEST_REASON = 2000


def reason_of(text: str, missing: str) -> str:
    """A reason as it is kept; Refused with the sentence `missing` where there is none."""
    reason = text.strip()
    if not reason:
        raise Refused(missing)
    if len(reason) > LONGEST_REASON:
        raise Unusable(f"理由应在 {LONGEST_REASON} 字以内，现为 {len(reason)} 字；请缩短。")
    return reason


def current(session: Session, round_id: int | None) -> Draw | None:
    """The newest draw of a round."""
    statement = select(Draw).where(Draw.round_id == round_id).order_by(col(Draw.id).desc()).limit(1)
    return session.exec(statement).first()


def get(session: Session, draw_id: int) -> Draw:
    """One draw; NotFound with a sentence."""
    found = session.get(Draw, draw_id, with_for_update=True)
    if found is None:
        raise NotFound(f"没有编号为 {draw_id} 的抽取记录。")
    return found


def may_draw_round(session: Session, round_id: int, actor: Account) -> permissions.Decision:
    """May this account draw for this round? Never who grouped it, whatever roles the account holds."""
    statement = (
        select(FormRecord.by)
        .join(Process, col(Process.id) == FormRecord.process_id)
        .where(Process.round_id == round_id, Process.kind == "round", FormRecord.form_key != "panel")
    )
    return permissions.may_draw(actor, set(session.exec(statement)))


def round_process(session: Session, round_id: int) -> Process:
    """The round's own process, beside the invitations'; NotFound with a sentence."""
    statement = select(Process).where(Process.round_id == round_id, Process.kind == "round")
    found = session.exec(statement).first()
    if found is None:
        raise NotFound(f"没有编号为 {round_id} 的评审轮次。")
    return found


def hold_round(session: Session, round_id: int | None) -> ReviewRound:
    """The round, held until the transaction ends: of two who move its seats at once the second sees the first."""
    return session.get_one(ReviewRound, round_id, with_for_update=True, populate_existing=True)


def draw_item(session: Session, round_id: int) -> WorkItem | None:
    """The open step of the drawing officer, if the round waits for a draw."""
    statement = select(WorkItem).where(
        WorkItem.process_id == round_process(session, round_id).id,
        WorkItem.element == "draw",
        WorkItem.status == "open",
    )
    return session.exec(statement).first()


def prepare(session: Session, round_id: int, *, actor: Account, now: datetime, wish: Wish = NO_WISH) -> Draw:
    """Queue a draw for the worker; what was not published yet is replaced.

    Members who accepted after a shortage stay; once a panel was published another draw needs its reason (补抽).
    Pins and changed policy need the approving leader before lots are drawn. Forbidden for who grouped; Refused when
    the round waits for no draw or one is being solved.
    """
    may_draw_round(session, round_id, actor).require()
    if draw_item(session, round_id) is None:
        raise Refused("本轮次现在不在抽取环节；分组后或专家组凑不齐时才能抽取。")
    opened = hold_round(session, round_id)
    before = current(session, round_id)
    if before is not None and before.status in WAITING:
        raise Refused("上一次求解还在进行；请等待完成或先中止。")
    if opened.panel_no or wish.reason:
        reason_of(wish.reason, "本轮次已发布过专家组；补抽、重抽和复评抽取请写明理由。")
    made = pose_draw(session, opened, actor=actor.login, now=now, wish=wish)
    if before is not None and before.status in OPEN:
        before.status = "replaced"
    titles = [policy.version_in_force(session, key, local_day(now)).title for key in made.wish["changes"]]
    _note(session, made, actor.login, now, "draw_prepare", _told(made, wish, titles))
    return made


def pose_draw(session: Session, opened: ReviewRound, *, actor: str, now: datetime, wish: Wish) -> Draw:
    """The queued draw of a round's next panel, with everything the worker needs to solve it."""
    from engine.reviewing import posing  # noqa: PLC0415 - brings numpy and scipy, which no other page needs
    from optimizer.errors import ProblemError  # noqa: PLC0415

    on = local_day(now)
    changes = checked_changes(session, wish, on)
    held = seats_held(session, opened)
    try:
        posed = posing.pose(session, opened, on, changes, approver="分管领导")
    except (ProblemError, ValueError) as error:
        raise Refused(f"抽取条件不成立：{error}") from error
    if not posed.cases:
        raise Refused("本轮次的项目都已撤回，没有要评审的，不必抽取；请办结本轮次。")
    check_names(posed, wish)
    clauses = policy.clauses(session, on)
    told = posing.instance_of(
        posed,
        dict.fromkeys(wish.forbids, wish.reason),
        {key: clauses[key] for key in KEYS},
        Counter(who for _, who in held),
    )
    made = Draw(
        round_id=opened.id or 0,
        panel_no=posing.panel_to_draw(opened),
        wish={
            "pins": [list(one) for one in wish.pins],
            "forbids": list(wish.forbids),
            "changes": changes,
            "reason": wish.reason,
        },
        needs_approval=bool(wish.pins or changes),
        kept=sorted({who for _, who in held}),
        instance=told,
        settings=_settings(session, posed, changes, on) | {"held": [list(one) for one in held]},
        input_sha256=posing.digest(told),
        secret=secrets.token_hex(16),
        requested_by=actor,
        requested_at=now,
    )
    session.add(made)
    session.flush()
    return made


def holding_seats(session: Session, opened: ReviewRound) -> list[int]:
    """Accounts that hold a seat of the panel being completed: a new draw leaves them where they are."""
    return sorted({who for _, who in seats_held(session, opened)})


def seats_held(session: Session, opened: ReviewRound) -> list[tuple[int | None, int]]:
    """The seats they hold, as pins: one application of their panel, or in letter review each of their own."""
    if opened.reviewing_at is not None or opened.panel_no == 0:
        return []
    statement = select(PanelMember).where(
        PanelMember.round_id == opened.id,
        PanelMember.panel_no == opened.panel_no,
        col(PanelMember.standing).in_(STAYS),
    )
    seated = session.exec(statement.order_by(col(PanelMember.account_id)))
    if opened.by_letter:
        return [(case, one.account_id) for one in seated for case in one.cases]
    return [(next(iter(one.cases), None), one.account_id) for one in seated]


def pins_of(made: Draw) -> list[tuple[int | None, int]]:
    """Who must sit where: whoever was wished, and whoever sits there already."""
    before = [[None, who] for who in made.kept]  # a draw from the time when seats were not written down
    held = made.settings.get("held", before)
    return [(case, who) for case, who in (*made.wish["pins"], *held)]


def _settings(session: Session, posed: Any, changes: Mapping[str, Any], on: Any) -> dict[str, Any]:
    values = {**policy.values(session, on), **changes}
    weights = posed.terms.weights
    names = ("domain", "text", "keywords", "bids", "embedding")
    return {
        "pair_probability": str(values["draw_pair_probability"]),
        "backups": values["backups_per_seat"],
        "seconds": values["draw_seconds"],
        "weights": {name: getattr(weights, name) for name in names}
        | {"prefixes": [list(one) for one in weights.prefixes]},
    }


def cancel(session: Session, draw_id: int, *, actor: Account, now: datetime) -> None:
    """Ask the worker to stop with the best so far; one that has not begun is cancelled at once."""
    made = get(session, draw_id)
    may_draw_round(session, made.round_id, actor).require()
    if made.status not in WAITING:
        raise Refused("求解已经结束，没有可以中止的。")
    made.cancel_asked = True
    if made.status == "queued":
        made.status, made.finished_at = "cancelled", now
    _note(session, made, actor.login, now, "draw_cancel", "中止抽取求解")


def approve(session: Session, draw_id: int, *, actor: Account, now: datetime) -> None:
    """The approving leader agrees to pins or changed conditions (分管领导批准放宽)."""
    permissions.may_relax(actor).require()
    made = get(session, draw_id)
    if not made.needs_approval or made.approved_by is not None:
        raise Refused("这次抽取没有待批准的调整。")
    if made.status not in OPEN:
        raise Refused("这次抽取已经结束或被替换，不必批准。")
    made.approved_by, made.approved_at = actor.login, now
    _note(session, made, actor.login, now, "draw_approve", f"批准抽取条件调整：{made.wish['reason']}")


def draw_lots(
    session: Session,
    draw_id: int,
    *,
    actor: Account,
    now: datetime,
    witness: str,
    number: str,
    reason: str = "",
) -> DrawAttempt:
    """Draw one panel from the stored list: seed = committed secret + the witness's number + attempt.

    Another attempt needs a reason; all are kept. Refused before the list is ready or the changes are approved.
    """
    from optimizer import draw as lots  # noqa: PLC0415 - the optimizer is loaded when it is needed

    made = get(session, draw_id)
    may_draw_round(session, made.round_id, actor).require()
    if made.status not in ("ready", "drawn") or made.lottery is None:
        raise Refused("抽签名单还没有备好；请先完成求解。")
    if made.needs_approval and made.approved_by is None:
        raise Refused("指定专家或调整条件须先经分管领导批准，才能抽签。")
    if not witness.strip() or not number.strip():
        raise Refused("请填写见证人姓名和见证人给出的数字。")
    if witness.strip() in (actor.name, actor.login):
        raise Refused("见证人不能是抽取人本人；请由纪检或其他见证人给出数字。")
    if len(witness) > LONGEST_NAME:
        raise Unusable(f"见证人姓名应在 {LONGEST_NAME} 字以内；请改正。")
    if not NUMBER.fullmatch(number.strip()):
        raise Unusable(f"见证人给出的应是不超过 20 位的数字，现为“{number.strip()[:20]}”；请改正。")
    attempt = len(attempts(session, draw_id)) + 1
    if attempt > 1 or reason:
        reason_of(reason, "再次抽签请写明理由；每次抽签都有记录。")
    drawn = lots.replay(made.lottery, made.secret, number.strip(), attempt)
    made.status, made.seats = "drawn", made.result["listed"][drawn]
    row = DrawAttempt(
        draw_id=draw_id,
        attempt=attempt,
        witness=witness.strip(),
        number=number.strip(),
        seed=lots.seed_of(made.secret, number.strip(), attempt, made.list_sha256),
        drawn=drawn,
        reason=reason.strip(),
        by=actor.login,
        at=now,
    )
    session.add(row)
    session.flush()
    told = f"第 {attempt} 次抽签，见证人{witness.strip()}给出 {number.strip()}，抽中第 {drawn + 1} 号名单"
    _note(session, made, actor.login, now, "draw_lots", told, attempt=attempt, seed=row.seed, drawn=drawn)
    return row


def attempts(session: Session, draw_id: int | None) -> Sequence[DrawAttempt]:
    """Every drawing of lots, in order."""
    statement = select(DrawAttempt).where(DrawAttempt.draw_id == draw_id)
    return session.exec(statement.order_by(col(DrawAttempt.attempt))).all()


def publish(session: Session, draw_id: int, *, actor: Account, now: datetime) -> Process:
    """Complete the drawing step with the drawn panel: seats are taken and invitations go out."""
    made = get(session, draw_id)
    may_draw_round(session, made.round_id, actor).require()
    item = draw_item(session, made.round_id)
    if item is None:
        raise Conflict("本轮次已不在抽取环节；请刷新页面。")
    payload = {"outcome": "confirm", "draw_id": draw_id}
    return door.complete(session, item.id or 0, actor=actor, payload=payload, now=now)


def _told(made: Draw, wish: Wish, changed: Sequence[str]) -> str:
    parts = [f"准备抽取第 {made.panel_no} 个专家组"]
    parts += [f"指定 {len(wish.pins)} 人"] if wish.pins else []
    parts += [f"排除 {len(wish.forbids)} 人"] if wish.forbids else []
    parts += [f"调整条件 {'、'.join(changed)}"] if changed else []
    return "，".join(parts) + (f"：{wish.reason}" if wish.reason else "")


def _note(
    session: Session, made: Draw, actor: str, now: datetime, verb: str, summary: str, **payload: Any
) -> None:
    history.record(
        session,
        f"round:{made.round_id}",
        at=now,
        actor=actor,
        verb=verb,
        summary=summary,
        element="draw",
        payload={"draw": made.id, **payload},
    )
