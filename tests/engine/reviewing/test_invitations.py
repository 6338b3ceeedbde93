"""Invitations: declare before a file opens, substitutes by themselves, a late conflict quarantined, never deleted."""

from datetime import timedelta

from sqlmodel import select

from engine.cases import door
from engine.cases.models import WorkItem
from engine.jobs.telling import tell_vacancies
from engine.people.models import Account, Expert
from engine.records.notices.models import Notification
from engine.reviewing import draws, invitations, rounds, seating
from engine.reviewing.models import Draw, PanelMember, ReviewRound, RoundEntry
from tests.engine.reviewing.worlds import batch, drawn, open_round, prepare, publish, reply, score, work
from tests.worlds import Bureau, refusal


def seats(world: Bureau, round_id: int) -> dict[int, str]:
    """Where every member of the round stands."""
    return {one.account_id: one.standing for one in invitations.members(world.session, round_id)}


def first_seat(made: Draw) -> tuple[int, list[int]]:
    """A seat's expert and the ordered backups."""
    return made.seats[0]["account"], made.seats[0]["backups"]


def account(world: Bureau, key: int) -> Account:
    """An account by its number."""
    return world.session.get_one(Account, key)


def member(world: Bureau, account_id: int) -> PanelMember:
    """An expert's newest seat."""
    statement = select(PanelMember).where(PanelMember.account_id == account_id)
    return world.session.exec(statement).one()


def test_the_file_opens_only_after_signing_and_when_all_are_there(world: Bureau) -> None:
    """Invited: sign first. Signed: wait for the others. All there: open, and the time is kept."""
    round_id, made = drawn(world)
    who, _ = first_seat(made)
    case = made.seats[0]["cases"][0]
    unsigned = refusal(lambda: reply(world, who, "accept"))
    before = refusal(lambda: invitations.open_file(world.session, account(world, who), case, now=world.now))
    reply(world, who, "accept", signed=True)
    waiting = refusal(lambda: invitations.open_file(world.session, account(world, who), case, now=world.now))
    world.accept_all()
    opened = invitations.open_file(world.session, account(world, who), case, now=world.now)
    assert (unsigned, before, waiting) == (
        "应邀前须签署回避与保密承诺。",
        "请先签署回避与保密承诺并应邀，再打开材料。",
        "专家组尚未到齐，评审开始后才能打开材料。",
    )
    assert (opened is not None and opened.opened_at, world.open_steps()) == (world.now, ["score"] * 5)
    assert rounds.reviewers_of(world.session, case) == sorted(seats(world, round_id))


def test_what_is_unknown_must_be_declared(world: Bureau) -> None:
    """Nobody's history is on file: the invitation lists what the signature answers for."""
    _, made = drawn(world)
    said = member(world, first_seat(made)[0]).declared["unknown"]
    assert any("未登记任职经历" in one for one in said)
    assert any("负责人" in one and "未登记身份标识" in one for one in said)


def test_a_decline_brings_the_first_backup_and_moves_nobody_else(world: Bureau) -> None:
    """The backup is invited in the seat's name; the four others stay as they were."""
    round_id, made = drawn(world)
    who, backups = first_seat(made)
    before = seats(world, round_id)
    silent = refusal(lambda: reply(world, who, "decline"))
    reply(world, who, "decline", comment="出差在外")
    after = seats(world, round_id)
    assert silent == "谢绝或声明回避的，请写明理由。"
    assert after == before | {who: "declined", backups[0]: "invited"}
    assert member(world, backups[0]).replaces_id == member(world, who).id


def test_a_declared_conflict_passes_the_seat_on_and_is_remembered(world: Bureau) -> None:
    """Declared for one application: out of the panel, and hard (rule 13) in every later draw."""
    round_id, made = drawn(world)
    who, backups = first_seat(made)
    case = made.seats[0]["cases"][0]
    reply(world, who, "conflict", declarations=[{"case_id": case, "statement": "与负责人合作申报"}])
    assert (seats(world, round_id)[who], seats(world, round_id)[backups[0]]) == ("conflict", "invited")
    posed = seating.posed_today(world.session, world.session.get_one(ReviewRound, round_id), world.now)
    assert [hit.rule for hit in posed.found.why(case, who) if hit.force.value == "hard"] == ["R13"]


def test_an_invitation_nobody_answers_expires(world: Bureau) -> None:
    """After the limit in working days the substitutes are invited, without anybody's doing."""
    round_id, made = drawn(world)
    first, *others = [seat["account"] for seat in made.seats]
    for who in others:
        reply(world, who, "accept", signed=True)
    world.now += timedelta(days=5)
    world.settle()
    after = seats(world, round_id)
    assert (after[first], after[made.seats[0]["backups"][0]]) == ("expired", "invited")
    assert [after[who] for who in others] == ["accepted"] * 4


def test_backups_run_out_and_the_officer_draws_the_one_seat_again(world: Bureau) -> None:
    """Every substitute declines: the step comes back, a draw is queued already, the four who accepted stay seated."""
    round_id, made = drawn(world, pool=14)
    for seat in made.seats[1:]:
        reply(world, seat["account"], "accept", signed=True)
    kept = {seat["account"] for seat in made.seats[1:]}
    gone = _decline_until_exhausted(world, round_id, kept)
    world.settle()
    work(world)
    world.session.expire_all()
    again = draws.current(world.session, round_id)
    assert (again is not None and again.status, world.open_steps()) == ("ready", ["draw"])
    assert again is not None
    publish(world, again)
    world.accept_all()
    panel = {one.account_id for one in invitations.holding(world.session, _round(world, round_id))}
    assert (kept < panel, len(panel), panel & gone) == (True, 5, set())
    assert world.open_steps() == ["score"] * 5


def _decline_until_exhausted(world: Bureau, round_id: int, kept: set[int]) -> set[int]:
    gone = set()
    while asked := [who for who, how in seats(world, round_id).items() if how == "invited"]:
        assert not kept & set(asked)
        reply(world, asked[0], "decline", comment="没有时间")
        gone.add(asked[0])
    return gone


def _round(world: Bureau, round_id: int) -> ReviewRound:
    return world.session.get_one(ReviewRound, round_id)


def test_a_draw_is_undone_until_the_first_file_is_opened(world: Bureau) -> None:
    """While inviting and after all accepted; then a file is opened and it stands."""
    round_id, made = drawn(world)
    actor = world.accounts["drawing"]
    invitations.undo(world.session, round_id, actor=actor, now=world.now, reason="见证程序有误")
    world.settle()
    inviting = world.open_steps()
    publish(world, prepare(world, round_id), "8")
    world.accept_all()
    invitations.undo(world.session, round_id, actor=actor, now=world.now, reason="见证程序有误")
    world.settle()
    scoring = world.open_steps()
    again = prepare(world, round_id)
    publish(world, again, "9")
    world.accept_all()
    who = again.seats[0]["account"]
    invitations.open_file(world.session, account(world, who), again.seats[0]["cases"][0], now=world.now)
    said = refusal(
        lambda: invitations.undo(world.session, round_id, actor=actor, now=world.now, reason="重来")
    )
    assert (inviting, scoring, made.status) == (["draw"], ["draw"], "undone")
    assert said == "已有专家打开材料，抽取结果不能撤回；个别专家可以免除或登记回避。"


def test_an_excused_experts_sheet_goes_to_the_substitute(world: Bureau) -> None:
    """During scoring: the open sheet waits for the backup, who signs and fills it."""
    round_id, made = drawn(world)
    world.accept_all()
    who, backups = first_seat(made)
    invitations.excuse(
        world.session,
        member(world, who).id or 0,
        actor=world.accounts["drawing"],
        now=world.now,
        reason="住院",
    )
    reply(world, backups[0], "accept", signed=True)
    holders = _holders(world)
    assert (who in holders, backups[0] in holders, len(holders)) == (False, True, 5)
    assert seats(world, round_id)[who] == "excused"


def _holders(world: Bureau) -> set[int | None]:
    statement = select(WorkItem.holder_id).where(WorkItem.element == "score", WorkItem.status == "open")
    return set(world.session.exec(statement))


def test_an_expert_who_never_scores_does_not_hold_the_round(world: Bureau) -> None:
    """Four of five hand in; at the deadline the round goes on with four valid scores."""
    _, made = drawn(world)
    world.accept_all()
    case = made.seats[0]["cases"][0]
    _some_score(world, case, 4)
    waiting = world.open_steps()
    world.now += timedelta(days=25)
    world.settle()
    entry = world.session.exec(select(RoundEntry)).one()
    assert (waiting, world.open_steps(), entry.mean) == (["score"], ["confirm_ranking"], "80.00")


def _some_score(world: Bureau, case: int, count: int) -> None:
    statement = select(WorkItem).where(WorkItem.element == "score", WorkItem.status == "open")
    for item in list(world.session.exec(statement))[:count]:
        points = {
            "necessity": 12,
            "innovation": 20,
            "feasibility": 16,
            "team": 12,
            "benefit": 12,
            "budget": 8,
        }
        rows = [{"case_id": case, "points": points, "recommend": True}]
        actor = account(world, item.holder_id or 0)
        payload = {"outcome": "submit", "rows": rows}
        door.complete(world.session, item.id or 0, actor=actor, payload=payload, now=world.now)


def test_a_late_conflict_is_quarantined_and_never_deleted(world: Bureau) -> None:
    """One of five scored far off and had a conflict: kept and flagged, no longer counted, ranked again."""
    _, made = drawn(world)
    world.accept_all()
    case = made.seats[0]["cases"][0]
    score(world, {case: 80})
    before = world.session.exec(select(RoundEntry)).one().trace
    late = member(world, made.seats[0]["account"])
    invitations.report_conflict(
        world.session,
        late.id or 0,
        actor=world.accounts["programme"],
        now=world.now,
        statement="系负责人配偶",
    )
    entry = world.session.exec(select(RoundEntry)).one()
    assert (len(before["scores"]), len(entry.trace["scores"]), len(entry.trace["quarantined"])) == (5, 4, 1)
    assert (late.quarantined, late.quarantine_reason, late.standing) == (True, "系负责人配偶", "accepted")


def test_too_few_counted_scores_ask_for_a_fresh_panel(world: Bureau) -> None:
    """Three of five quarantined: going on is refused, the re-review draws nobody of the first panel."""
    round_id, made = drawn(world)
    world.accept_all()
    score(world, {made.seats[0]["cases"][0]: 80})
    for seat in made.seats[:3]:
        late = member(world, seat["account"]).id or 0
        actor = world.accounts["drawing"]
        invitations.report_conflict(world.session, late, actor=actor, now=world.now, statement="存在利害关系")
    said = refusal(lambda: world.do("confirm_ranking", "proceed"))
    world.do("confirm_ranking", "re_review", comment="有效评分不足")
    again = prepare(world, round_id)
    first, second = ({seat["account"] for seat in one.seats} for one in (made, again))
    assert said.endswith("有效评分不足；请选择复评，由新的专家组评审。")
    assert (again.status, first & second) == ("ready", set())


def test_nobody_in_conflict_is_let_in_at_the_last_moment(world: Bureau) -> None:
    """Everybody signed, but one moved to the applying unit meanwhile: the seat passes on before review opens."""
    round_id, made = drawn(world)
    accounts = [seat["account"] for seat in made.seats]
    for who in accounts[1:]:
        reply(world, who, "accept", signed=True)
    moved = world.session.exec(select(Expert).where(Expert.account_id == accounts[1])).one()
    moved.organization_id = world.unit.id or 0
    reply(world, accounts[0], "accept", signed=True)
    after = seats(world, round_id)
    assert (after[accounts[1]], list(after.values()).count("invited")) == ("conflict", 1)
    assert "score" not in world.open_steps()


def test_names_stay_out_of_the_rounds_history(world: Bureau) -> None:
    """What the round's timeline says of invitations names nobody."""
    from engine import history  # noqa: PLC0415

    round_id, made = drawn(world)
    reply(world, made.seats[0]["account"], "decline", comment="出差")
    names = {account(world, seat["account"]).name for seat in made.seats}
    lines = [entry.summary for entry in history.entries(world.session, f"round:{round_id}")]
    assert [line for line in lines if any(name in line for name in names)] == []


def test_a_panel_by_hand_is_held_to_the_same_rules(world: Bureau) -> None:
    """No finance expert among them: refused; the verified panel is invited."""
    batch(world, 1)
    open_round(world)
    chosen = [one.id for one in world.experts if one.login not in ("expert4", "expert7")]
    said = refusal(lambda: world.do("draw", "confirm", experts=chosen))
    world.seat_panel()
    assert said == "专家组不符合要求：财务专家应不少于 1 人，现有 0 人。"
    assert world.open_steps() == ["score"] * 5


def _step_down(world: Bureau, who: int) -> None:
    """An expert leaves over the own score sheet."""
    statement = select(WorkItem).where(
        WorkItem.element == "score", WorkItem.status == "open", WorkItem.holder_id == who
    )
    item = world.session.exec(statement).one()
    payload = {"outcome": "excuse", "comment": "家人住院"}
    door.complete(world.session, item.id or 0, actor=account(world, who), payload=payload, now=world.now)


def test_an_expert_who_steps_down_on_the_sheet_calls_the_next_backup(world: Bureau) -> None:
    """As with a decline: the sheet stays open for the backup, who signs and scores; nobody else moves."""
    round_id, made = drawn(world)
    world.accept_all()
    who, backups = first_seat(made)
    before = seats(world, round_id)
    _step_down(world, who)
    asked = seats(world, round_id)
    reply(world, backups[0], "accept", signed=True)
    assert asked == before | {who: "excused", backups[0]: "invited"}
    assert (len(_holders(world)), backups[0] in _holders(world), who in _holders(world)) == (5, True, False)
    score(world, {made.seats[0]["cases"][0]: 80})
    assert world.open_steps() == ["confirm_ranking"]


def test_the_drawing_officer_is_told_at_once_of_a_seat_without_backups(world: Bureau) -> None:
    """The last backup leaves while the others score: one notification with the reason, told once."""
    _, made = drawn(world)
    world.accept_all()
    who, _ = first_seat(made)
    while True:
        _step_down(world, who)
        asked = [one for one, how in seats(world, made.round_id).items() if how == "invited"]
        if not asked:
            break
        who = asked[0]
        reply(world, who, "accept", signed=True)
    told = [tell_vacancies(world.session, world.now) for _ in range(2)]
    letter = world.session.exec(select(Notification)).one()
    assert (told, letter.account_id, "家人住院" in letter.body) == (
        *([1, 0], world.accounts["drawing"].id, True),
    )
    assert world.open_steps() == ["score"] * 4
