"""The drawing officer's step (抽取专家): publish the drawn panel, or one entered by hand, after checking it again."""

from typing import TYPE_CHECKING, Any

from pydantic import Field

from engine.cases.fields import en
from engine.cases.models import WorkItem
from engine.cases.moves import Form, Move, form, refuse_unless
from engine.clock import local_day
from engine.errors import Refused
from engine.reviewing import draws
from engine.reviewing.models import Draw, ReviewRound
from engine.reviewing.rounds import refuse_while_any
from engine.reviewing.seating import hand_of, readable, seat_panel

if TYPE_CHECKING:
    from engine.reviewing.posing import Posed


class Panel(Form):
    """The draw to publish; or, where no draw was made, account numbers of experts entered by hand."""

    draw_id: int | None = Field(default=None, title="抽取记录", json_schema_extra=en("Draw"))
    experts: list[int] = Field(
        default_factory=list, title="评审专家", json_schema_extra=en("Experts", choices="experts")
    )


@form("panel", "抽取专家", "Draw the panel", Panel)
def publish_panel(move: Move, item: WorkItem, panel: Panel) -> dict[str, Any]:  # noqa: ARG001
    """Seat the panel and invite it: drawn by lot and verified, or entered by hand and held to the same rules.

    Where nothing is left to be read the round ends instead.
    """
    from engine.reviewing import posing  # noqa: PLC0415 - brings numpy and scipy

    opened = draws.hold_round(move.session, move.process.round_id)
    draws.may_draw_round(move.session, opened.id or 0, move.actor).require()
    made = draws.get(move.session, panel.draw_id) if panel.draw_id else draws.current(move.session, opened.id)
    if panel.outcome == "cancel":
        refuse_while_any(move.session, opened)
        if made is not None and made.status in draws.OPEN:
            made.status = "replaced"
        return {"panel": []}
    if panel.experts:
        refuse_unless(panel.draw_id is None, "请发布抽取结果，或手工录入专家组，不能同时进行。")
        refuse_unless(not opened.by_letter, "通讯评审每个项目各有专家，须经抽取产生，不能手工录入专家组。")
        posed = posing.pose(move.session, opened, local_day(move.now))
        if made is not None and made.status in draws.OPEN:
            made.status = "replaced"
        made = _by_hand(move, opened, panel.experts, posed)
    else:
        refuse_unless(made, "还没有抽取；请先备好抽签名单，再抽签发布。")
        assert made is not None
        posed = posing.pose(
            move.session, opened, local_day(move.now), made.wish["changes"], made.approved_by or "分管领导"
        )
        _refuse_unsound(move, opened, made, posed)
    made.status = "published"
    move.session.flush()
    seat_panel(hand_of(move), opened, made, posed)
    return {"panel": [seat["account"] for seat in made.seats]}


def _refuse_unsound(move: Move, opened: ReviewRound, made: Draw, posed: "Posed") -> None:
    """Published is only what was drawn by lot for this panel, is sound by the verifier, and still holds today."""
    refuse_unless(made.round_id == opened.id, "这次抽取属于其他评审轮次。")
    refuse_unless(made.status == "drawn", "抽签完成后才能发布；请先由见证人给出数字并抽签。")
    seated = draws.holding_seats(move.session, opened)
    refuse_unless(sorted(made.kept) == seated, "抽取之后又有专家应邀或退出，席位已有变化；请重新准备抽取。")
    listed = {one["id"] for one in made.instance["applications"]}
    refuse_unless(
        listed == {case.id for case in posed.cases}, "抽取之后有项目撤回，参评项目已有变化；请重新准备抽取。"
    )
    from engine.reviewing import proofs  # noqa: PLC0415 - brings the optimizer

    found = proofs.faults(move.session, made.id or 0)
    for part in sorted({seat["part"] for seat in made.seats}):
        seats = [seat for seat in made.seats if seat["part"] == part]
        read = {case for seat in seats for case in seat["cases"]}
        judged = posed.about(read) if opened.by_letter else posed
        found += _against(judged, [seat["account"] for seat in seats], made.kept)
    if found:
        raise Refused("抽取结果不能发布：" + "；".join(found) + "。请重新准备抽取。", found)


def _against(posed: "Posed", accounts: list[int], allowed: list[int]) -> list[str]:
    from engine.reviewing import conditions  # noqa: PLC0415

    return conditions.against(posed, accounts, allowed)


def _by_hand(move: Move, opened: ReviewRound, experts: list[int], posed: "Posed") -> Draw:
    """A panel agreed elsewhere, entered by hand: every rule of the draw holds for it, and it has no backups."""
    from engine.reviewing import posing  # noqa: PLC0415

    chosen, held = list(dict.fromkeys(experts)), draws.holding_seats(move.session, opened)
    left_out = [posed.names.get(one, str(one)) for one in held if one not in chosen]
    refuse_unless(not left_out, f"{'、'.join(left_out)}已在席位上；请一并录入，或先免除。")
    most = posed.terms.panel["panel_sizes"][1]
    refuse_unless(
        not posed.is_split, f"本组 {len(posed.cases)} 个项目，一个专家组至多评 {most} 个；请经抽取分组产生。"
    )
    problems = _against(posed, chosen, held)
    if problems:
        raise Refused("专家组不符合要求：" + "；".join(problems) + "。", problems)
    told = posing.instance_of(posed, {}, {}, {})
    cases = [case.id or 0 for case in posed.cases]
    made = Draw(
        round_id=opened.id or 0,
        panel_no=posing.panel_to_draw(opened),
        status="published",
        wish={"pins": [], "forbids": [], "changes": {}, "reason": "手工录入"},
        kept=held,
        instance=told,
        input_sha256=posing.digest(told),
        result={"panels": [{"id": 1, "applications": cases, "members": chosen}]},
        seats=[
            {"part": 1, "account": one, "cases": readable(posed, one, cases), "backups": []} for one in chosen
        ],
        requested_by=move.actor.login,
        requested_at=move.now,
        finished_at=move.now,
    )
    move.session.add(made)
    move.session.flush()
    return made
