"""Letter review (通讯评审): each application has its own experts: drawn, invited, scored, looked at again."""

import pytest
from sqlmodel import col, select

from engine import history, policy
from engine.cases.models import CaseFile, WorkItem
from engine.clock import local_day
from engine.reviewing import draws, invitations, proofs, rounds
from engine.reviewing.models import Draw, KnownRelation, PanelMember, ReviewRound
from tests.engine.reviewing.worlds import (
    batch,
    finish,
    object_to,
    open_round,
    prepare,
    publish,
    put_on_notice,
    reply,
    score_own,
    settle_objection,
    widen_pool,
)
from tests.worlds import Bureau, refusal

SIX = 6
LOAD = 3


def letter_round(world: Bureau, count: int = SIX, pool: int = 24, load: int = LOAD) -> ReviewRound:
    """So many applications grouped to be reviewed by letter; nobody reads more than `load` of them."""
    batch(world, count)
    widen_pool(world, pool)
    policy.set_policy(
        world.session,
        "letter_applications_max",
        load,
        effective_from=local_day(world.now),
        clause="局务会纪要",
    )
    return open_round(world, mode="letter")


def drawn(world: Bureau, count: int = SIX, pool: int = 24) -> tuple[ReviewRound, Draw]:
    """Its experts drawn by lot and invited."""
    opened = letter_round(world, count, pool)
    made = prepare(world, opened.id or 0)
    publish(world, made)
    return opened, made


def reading_two(world: Bureau) -> tuple[ReviewRound, Draw]:
    """Experts drawn and invited, one of them for two applications by the officer's wish: chance spreads the work."""
    opened = letter_round(world, pool=36)
    cases = [entry.case_id for entry in rounds.entries(world.session, opened.id)][:2]
    both = tuple((case, world.experts[-1].id or 0) for case in cases)
    made = prepare(world, opened.id or 0, draws.Wish(pins=both, reason="需要整车专家"))
    draws.approve(world.session, made.id or 0, actor=world.accounts["approver"], now=world.now)
    publish(world, made)
    return opened, made


def readers(world: Bureau, opened: ReviewRound) -> dict[int, list[int]]:
    """Who holds a seat for each application, of the panel that reads it."""
    found: dict[int, list[int]] = {}
    for entry in rounds.entries(world.session, opened.id):
        statement = select(PanelMember).where(
            PanelMember.round_id == opened.id,
            PanelMember.panel_no == entry.panel_no,
            col(PanelMember.standing).in_(draws.STAYS),
        )
        seated = world.session.exec(statement.order_by(col(PanelMember.account_id)))
        found[entry.case_id] = [one.account_id for one in seated if entry.case_id in one.cases]
    return found


def seat(world: Bureau, opened: ReviewRound, account_id: int) -> PanelMember:
    """Somebody's seat in the newest panel."""
    statement = select(PanelMember).where(
        PanelMember.round_id == opened.id,
        PanelMember.panel_no == opened.panel_no,
        PanelMember.account_id == account_id,
    )
    return world.session.exec(statement).one()


def test_the_mode_is_chosen_in_grouping_and_kept_in_the_history(world: Bureau) -> None:
    """Policy says panels; the officer groups by letter, which the round's history tells."""
    opened = letter_round(world, 1)
    told = [one.summary for one in history.entries(world.session, f"round:{opened.id}")]
    assert (opened.mode, "评审方式：通讯评审" in told) == ("letter", True)
    assert refusal(world.seat_panel) == "通讯评审每个项目各有专家，须经抽取产生，不能手工录入专家组。"


def test_each_application_has_its_own_experts_and_each_expert_one_invitation(world: Bureau) -> None:
    """Six applications of five seats, nobody above the load; sound for the verifier, the same drawn again."""
    opened, made = drawn(world)
    loads = [len(one.cases) for one in world.session.exec(select(PanelMember))]
    invited = world.session.exec(select(WorkItem.holder_id).where(WorkItem.element == "respond")).all()
    replayed = proofs.replay(world.session, made.id or 0)
    spare = {who for one in made.seats for who in one["backups"]} & {one["account"] for one in made.seats}
    assert [len(one) for one in readers(world, opened).values()] == [5] * SIX
    assert (sum(loads), max(loads) <= LOAD, len(set(invited))) == (30, True, len(invited))
    assert ([same for _, same in replayed.attempts], replayed.faults, spare) == ([True], [], set())


def test_who_declines_one_application_keeps_the_others(world: Bureau) -> None:
    """A declared conflict with one application: its backup is invited for that one, everybody else stays."""
    opened, made = reading_two(world)
    whole = next(one for one in world.session.exec(select(PanelMember)) if len(one.cases) > 1)
    lost, *kept = whole.cases
    before = readers(world, opened)
    declared = [{"case_id": lost, "statement": "与项目负责人合作发表论文"}]
    reply(world, whole.account_id, "accept", signed=True, declarations=declared)
    heir = world.session.exec(select(PanelMember).where(PanelMember.replaces_id == whole.id)).one()
    seated = next(one for one in made.seats if one["account"] == whole.account_id and lost in one["cases"])
    assert (whole.standing, whole.cases, heir.cases) == ("accepted", kept, [lost])
    assert heir.account_id in seated["backups"]
    assert readers(world, opened) == before | {
        lost: sorted({*before[lost], heir.account_id} - {whole.account_id})
    }


def test_a_letter_round_is_scored_and_ranked_across_different_experts(world: Bureau) -> None:
    """Every expert scores the own applications; means of different experts are compared, and the trace says so."""
    opened, _ = drawn(world)
    world.accept_all()
    cases = [entry.case_id for entry in rounds.entries(world.session, opened.id)]
    score_own(world, {case: 60 + 5 * number for number, case in enumerate(cases)})
    ranked = rounds.entries(world.session, opened.id)
    assert [entry.case_id for entry in ranked] == cases[::-1]
    assert [(entry.mean, len(entry.trace["scores"])) for entry in ranked[:2]] == [("85.00", 5), ("80.00", 5)]
    assert {entry.trace["compared"] for entry in ranked} == {"raw means"}
    assert world.open_steps() == ["confirm_ranking"]


def test_one_application_is_reviewed_again_by_fresh_experts(world: Bureau) -> None:
    """Only the application named is drawn again, by none of its first experts; the others' scores stand."""
    opened, _ = drawn(world, 2)
    world.accept_all()
    one, other = (entry.case_id for entry in rounds.entries(world.session, opened.id))
    first = readers(world, opened)
    score_own(world, {one: 80, other: 75})
    world.do("confirm_ranking", "re_review", comment="意见分歧，复评", cases=[one])
    again = prepare(world, opened.id or 0)
    publish(world, again, "7")
    fresh = readers(world, opened)
    world.accept_all()
    score_own(world, {one: 65})
    kept = [(entry.case_id, entry.mean, entry.panel_no) for entry in rounds.entries(world.session, opened.id)]
    assert ([row["cases"] for row in again.seats], fresh[other]) == ([[one]] * 5, first[other])
    assert not {*fresh[one]} & {*first[one]}
    assert kept == [(other, "75.00", 1), (one, "65.00", 2)]


def test_a_conflict_with_one_application_bars_from_that_one_alone(world: Bureau) -> None:
    """Pair by pair: who is barred from one application is still drawn for another."""
    opened = letter_round(world, 2, pool=0, load=10)
    one, _ = (entry.case_id for entry in rounds.entries(world.session, opened.id))
    for expert in world.experts[5:]:
        said = KnownRelation(
            kind="advice", person_key=f"person{expert.login[6:]}", case_id=one, title="可行性咨询"
        )
        world.session.add(said)
    made = prepare(world, opened.id or 0)
    publish(world, made)
    barred = {expert.id for expert in world.experts[5:]}
    assert not barred & {*readers(world, opened)[one]}
    assert proofs.faults(world.session, made.id or 0) == []


def test_a_conflict_found_after_scoring_voids_that_one_score(world: Bureau) -> None:
    """The score of the application is kept and not counted; the expert's other scores count on."""
    opened, _ = drawn(world, 2, pool=0)
    world.accept_all()
    one, other = (entry.case_id for entry in rounds.entries(world.session, opened.id))
    score_own(world, {one: 80, other: 75})
    member = next(
        seat(world, opened, who)
        for who in readers(world, opened)[one]
        if len(seat(world, opened, who).cases) > 1
    )
    invitations.report_conflict(
        world.session,
        member.id or 0,
        actor=world.accounts["programme"],
        now=world.now,
        statement="配偶任职于申报单位",
        case_id=one,
    )
    traces = {entry.case_id: entry.trace for entry in rounds.entries(world.session, opened.id)}
    assert (len(traces[one]["scores"]), traces[one]["quarantined"]) == (4, ["80"])
    assert (len(traces[other]["scores"]), "quarantined" in traces[other]) == (5, False)


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [("uphold", ("declined", "awaiting_contract")), ("dismiss", ("awaiting_contract",) * 2)],
)
def test_an_objection_to_one_application_leaves_the_others_and_the_experts(
    world: Bureau, outcome: str, ends: tuple[str, str]
) -> None:
    """By letter too only the disputed one pauses; its experts' scores stand, whatever is decided."""
    opened, _ = drawn(world, 2)
    world.accept_all()
    disputed, other = (
        world.session.get_one(CaseFile, one.case_id) for one in rounds.entries(world.session, opened.id)
    )
    score_own(world, {disputed.id or 0: 85, other.id or 0: 80})
    world.do("confirm_ranking", "proceed")
    world.settle()
    put_on_notice(world)
    object_to(world, disputed)
    settle_objection(world, outcome)
    finish(world)
    means = [one.mean for one in rounds.entries(world.session, opened.id)]
    assert ((disputed.status, other.status), disputed.disputed, means) == (ends, False, ["85.00", "80.00"])
