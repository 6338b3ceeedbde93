"""The draw: from the pool to the lots, before anybody is invited."""

from datetime import timedelta

import pytest
from sqlmodel import select

from engine.errors import Forbidden, Refused
from engine.jobs.draws import run_draws
from engine.people.models import Expert
from engine.reviewing import draws, forcing, proofs
from engine.reviewing.models import Draw, DrawAttempt, KnownRelation, PanelMember
from engine.reviewing.wishes import Wish
from tests.engine.reviewing.worlds import batch, drawn, open_round, prepare, widen_pool, work
from tests.worlds import Bureau, refusal


def waiting_for_a_draw(world: Bureau, pool: int = 12, count: int = 1) -> int:
    """A group that waits for its panel; the round's number."""
    batch(world, count)
    widen_pool(world, pool)
    return open_round(world).id or 0


def lots(world: Bureau, made: Draw, number: str = "42", reason: str = "") -> DrawAttempt:
    """The drawing officer draws before the witness."""
    return draws.draw_lots(
        world.session,
        made.id or 0,
        actor=world.accounts["drawing"],
        now=world.now,
        witness="纪检监督员",
        number=number,
        reason=reason,
    )


def test_a_draw_is_solved_stored_and_drawn_by_lot(world: Bureau) -> None:
    """Queued, solved by the worker, drawn with the witness's number, published: five seats are invited."""
    _, made = drawn(world)
    rows = world.session.exec(select(PanelMember.account_id, PanelMember.standing)).all()
    attempt = world.session.exec(select(DrawAttempt)).one()
    assert (made.status, made.result["status"], (made.lottery or {})["had"]) == ("published", "optimal", True)
    assert sorted(rows) == sorted((seat["account"], "invited") for seat in made.seats)
    assert (attempt.witness, attempt.number, attempt.attempt) == ("纪检监督员", "42", 1)
    assert world.open_steps() == ["respond"] * 5


def test_a_draw_keeps_its_certificate(world: Bureau) -> None:
    """Input hash, clauses, seed, objective and bound of each stage, exclusions; list and pool hashed before lots."""
    made = prepare(world, waiting_for_a_draw(world))
    certificate = made.result["certificate"]
    assert certificate["input_sha256"] == made.input_sha256
    assert [stage["name"] for stage in certificate["stages"]] == ["worst", "total"]
    assert all(stage["bound"] >= stage["value"] - 1e-9 for stage in certificate["stages"])
    assert certificate["policy_versions"]["expert_yearly_cap"] == "青岛市科技项目评审办法（参照）"
    assert (made.status, len(made.commitment), len(made.list_sha256), len(made.pool_sha256)) == (
        *("ready", 64, 64, 64),
    )


def test_a_replay_draws_the_same_seats_without_solving(world: Bureau) -> None:
    """Every attempt comes out as it was; a list changed by one ticket is found out."""
    made = prepare(world, waiting_for_a_draw(world))
    lots(world, made)
    silent = refusal(lambda: lots(world, made, "7"))
    lots(world, made, "7", reason="首次抽签数字宣读有误")
    honest = proofs.replay(world.session, made.id or 0)
    stored = dict(made.lottery or {})
    first = stored["assignments"][0]
    made.lottery = stored | {
        "assignments": [first | {"tickets": first["tickets"] - 1}, *stored["assignments"][1:]]
    }
    forged = proofs.replay(world.session, made.id or 0)
    assert silent == "再次抽签请写明理由；每次抽签都有记录。"
    assert ([same for _, same in honest.attempts], honest.faults, honest.seats) == (
        *([True, True], [], made.seats),
    )
    assert ([same for _, same in forged.attempts], bool(forged.faults)) == ([False, False], True)


def test_who_grouped_never_draws_whatever_the_account_may(world: Bureau) -> None:
    """One account with both offices is refused by sentence; so is supervision, which only reads."""
    round_id = waiting_for_a_draw(world)
    both = world.accounts["programme"]
    both.roles = ["drawing"]
    world.session.flush()
    said = [
        refusal(lambda who=who: draws.prepare(world.session, round_id, actor=who, now=world.now))  # type: ignore[misc]
        for who in (both, world.accounts["supervision"], world.accounts["approver"])
    ]
    assert said == [
        "抽取岗与业务科室必须分离：经办本批次业务的人员不能抽取专家。",
        "纪检账号只能查看，不能办理。",
        "只有抽取岗可以抽取专家。",
    ]


def test_a_wish_that_binds_the_draw_waits_for_the_leader(world: Bureau) -> None:
    """Somebody pinned: previewed at once, but no lots before the approval; forbidding needs only its reason."""
    round_id = waiting_for_a_draw(world)
    pinned, left_out = world.experts[0].id or 0, world.experts[1].id or 0
    silent = refusal(lambda: prepare(world, round_id, Wish(forbids=(left_out,))))
    wish = Wish(pins=((None, pinned),), forbids=(left_out,), reason="需要整车专家")
    made = prepare(world, round_id, wish)
    early = refusal(lambda: lots(world, made))
    draws.approve(world.session, made.id or 0, actor=world.accounts["approver"], now=world.now)
    lots(world, made)
    listed = [{seat["account"] for seat in one} for one in made.result["listed"]]
    assert silent == "指定、排除专家或调整条件的，请写明理由。"
    assert early == "指定专家或调整条件须先经分管领导批准，才能抽签。"
    assert all(pinned in one and left_out not in one for one in listed)


def test_rules_of_avoidance_cannot_be_wished_away(world: Bureau) -> None:
    """Only conditions of the panel may change for one draw, and only by a value of their own kind."""
    round_id = waiting_for_a_draw(world)
    years = Wish(changes={"conflict_employment_years": 0}, reason="候选不足")
    word = Wish(changes={"panel_unit_cap": "二"}, reason="候选不足")
    assert refusal(lambda: prepare(world, round_id, years)) == (
        "“conflict_employment_years”不是可以为一次抽取调整的条件；回避规则不得放宽。"
    )
    assert refusal(lambda: prepare(world, round_id, word)).startswith("“panel_unit_cap”应与现行值 1 同类")


def test_a_shortage_says_why_and_what_would_help(world: Bureau) -> None:
    """Two finance experts short: named, with relaxations that were each solved again; one of them then works."""
    batch(world, 1)
    for row in world.session.exec(select(Expert)):
        row.kinds = ["technical"]
    round_id = open_round(world).id or 0
    made = prepare(world, round_id)
    first = made.status
    relaxed = prepare(world, round_id, Wish(changes={"panel_finance_min": 0}, reason="库内无财务专家"))
    assert (first, [one["kind"] for one in made.result["shortages"]]) == ("short", ["requirement"])
    assert [one["sentence"] for one in made.result["shortages"]] == [
        "第 1 专家组要求财务专家不少于 1 人，只能凑到 0 人。"
    ]
    assert "第 1 专家组对财务专家的要求由 1 人降为 0 人。" in [
        one["sentence"] for one in made.result["relaxations"]
    ]
    assert (relaxed.status, relaxed.needs_approval) == ("ready", True)


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("consultant", {"unit": True}),
        ("director", {"unit": True}),
        ("direct", {"leader": True}),
        ("supervisor", {"leader": True}),
        ("avoided", {"case": True, "title": "曾有学术争议", "number": 1}),
        ("guide", {"title": "2024年指南"}),
    ],
)
def test_what_is_on_record_keeps_an_expert_out(world: Bureau, kind: str, row: dict[str, object]) -> None:
    """Each kind of relation bars the pair, with its evidence in the instance, and nobody barred is on any list."""
    round_id = waiting_for_a_draw(world)
    (case,) = {case_id for one in draws_cases(world, round_id) for case_id in [one]}
    world.session.add(
        KnownRelation(
            kind=kind,
            person_key="person1",
            unit_code=world.unit.credit_code if row.get("unit") else "",
            other_key=f"leader of case {case}" if row.get("leader") else "",
            case_id=case if row.get("case") else None,
            title=str(row.get("title", "")),
            number=int(str(row.get("number", 0))),
        )
    )
    made = prepare(world, round_id)
    barred = {one["expert"] for one in made.instance["conflicts"] if one["force"] == "hard"}
    seated = {seat["account"] for one in made.result["listed"] for seat in one}
    assert (world.experts[0].id in barred, barred & seated) == (True, set())


def draws_cases(world: Bureau, round_id: int) -> list[int]:
    """The applications of a round."""
    from engine.reviewing.rounds import entries  # noqa: PLC0415

    return [entry.case_id for entry in entries(world.session, round_id)]


def test_a_draw_is_cancelled_before_it_begins(world: Bureau) -> None:
    """The worker then leaves it alone, and another may be prepared."""
    round_id = waiting_for_a_draw(world)
    actor = world.accounts["drawing"]
    made = draws.prepare(world.session, round_id, actor=actor, now=world.now)
    second = refusal(lambda: draws.prepare(world.session, round_id, actor=actor, now=world.now))
    draws.cancel(world.session, made.id or 0, actor=actor, now=world.now)
    work(world)
    assert (second, world.session.get_one(Draw, made.id).status) == (
        *("上一次求解还在进行；请等待完成或先中止。", "cancelled"),
    )


def test_a_dead_workers_draw_is_taken_over(world: Bureau) -> None:
    """Claimed and never answered: after two minutes another worker solves the same instance."""
    round_id = waiting_for_a_draw(world)
    made = draws.prepare(world.session, round_id, actor=world.accounts["drawing"], now=world.now)
    made.status, made.claimed_at = "solving", world.now
    work(world)
    early = world.session.get_one(Draw, made.id).status
    world.now += timedelta(minutes=3)
    work(world)
    engine = world.session.get_bind()
    assert (early, world.session.get_one(Draw, made.id).status) == ("solving", "ready")
    assert run_draws(engine, world.now) == 0  # type: ignore[arg-type]


def test_what_changed_since_the_draw_is_noticed_at_publication(world: Bureau) -> None:
    """An expert suspended after the lots were drawn is not invited: the draw must be prepared again."""
    round_id = waiting_for_a_draw(world)
    made = prepare(world, round_id)
    lots(world, made)
    seated = made.seats[0]["account"]
    world.session.exec(select(Expert).where(Expert.account_id == seated)).one().suspended = True
    with pytest.raises(Refused, match="失信、暂停或聘期届满"):
        draws.publish(world.session, made.id or 0, actor=world.accounts["drawing"], now=world.now)


def test_only_drawn_panels_are_published_and_only_by_the_drawing_officer(world: Bureau) -> None:
    """Not before the lots; and the step is nobody else's."""
    round_id = waiting_for_a_draw(world)
    made = prepare(world, round_id)
    before = refusal(lambda: publish_as(world, made, "drawing"))
    lots(world, made)
    with pytest.raises(Forbidden):
        publish_as(world, made, "programme")
    assert before == "抽签完成后才能发布；请先由见证人给出数字并抽签。"


def publish_as(world: Bureau, made: Draw, who: str) -> None:
    """Somebody tries to publish."""
    draws.publish(world.session, made.id or 0, actor=world.accounts[who], now=world.now)


def test_a_group_shares_one_panel(world: Bureau) -> None:
    """Three applications, five experts, every one of whom reads all three."""
    _, made = drawn(world, count=3)
    assert [len(seat["cases"]) for seat in made.seats] == [3] * 5
    assert all(len(seat["backups"]) == 2 for seat in made.seats)


def test_forcing_an_expert_says_what_it_costs(world: Bureau) -> None:
    """On demand: never better than the proven optimum; who may not sit is said, and nothing is kept."""
    made = prepare(world, waiting_for_a_draw(world))
    seated = {seat["account"] for seat in made.result["best"]}
    barred = {one["expert"] for one in made.instance["conflicts"] if one["force"] == "hard"}
    free = next(one["id"] for one in made.instance["experts"] if one["id"] not in seated | barred)
    actor = world.accounts["supervision"]
    said = forcing.force(world.session, made.id or 0, 1, free, actor=actor)
    same = forcing.force(world.session, made.id or 0, 1, min(seated), actor=actor)
    assert said.sentence.startswith("该专家入组后")
    assert said.worst_change is None or said.worst_change <= 1e-6
    assert (same.total_change, same.worst_change) == (pytest.approx(0, abs=1e-6), pytest.approx(0, abs=1e-6))
    assert refusal(lambda: forcing.force(world.session, made.id or 0, 2, free, actor=actor)).startswith(
        "账号"
    )
