"""Publishing: a draft, what refuses it, the second pair of eyes, and what new cases then start on."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from engine.change import approving, drafts, proposals, publishing, tests
from engine.change.models import ChangeProposal
from engine.errors import Conflict, Forbidden, Refused, Unusable
from engine.people.models import Account
from engine.procedures import versions
from tests.worlds import Bureau

GROUND = {"clause": "申报指南第 12 行", "note": "受理期限延长"}


def edit(world: Bureau, key: str, old: str, new: str) -> int:
    """A saved draft of a part with one text replaced."""
    draft = drafts.open_draft(world.session, key, actor=world.accounts["admin"], now=world.now)
    (name,) = draft.files
    assert old in draft.files[name]
    text = draft.files[name].replace(old, new)
    drafts.save_draft(
        world.session,
        draft.id or 0,
        name,
        text,
        revision=draft.revision,
        actor=world.accounts["admin"],
        now=world.now,
    )
    return draft.id or 0


def propose(world: Bureau, draft: int, **more: object) -> ChangeProposal:
    """The admin proposes the draft with a ground and a note."""
    asked = GROUND | {"effective_at": world.now} | more
    return publishing.propose_publication(
        world.session, draft, actor=world.accounts["admin"], now=world.now, **asked
    )


def test_a_shared_part_gives_new_versions_to_every_procedure_that_calls_it(
    world: Bureau, second: Account
) -> None:
    """The formal check changes; a case opened afterwards runs it, one opened before does not."""
    session, before = world.session, versions.in_force(world.session, "unfunded", world.now)
    proposal = propose(world, edit(world, "formal_check", "limit_formal_check", "limit_formal_check + 2"))
    approving.approve(session, proposal.id or 0, actor=second, now=world.now)
    made = proposal.report["versions"]
    assert sorted(made) == ["cooperation_subsidy", "milestone_subsidy", "post_subsidy", "unfunded"]
    assert versions.in_force(session, "unfunded", world.now) == made["unfunded"] != before
    assert versions.releases(session, "unfunded")[0].approved_by == "admin2"


def test_a_publication_takes_effect_at_its_time(world: Bureau, second: Account) -> None:
    """Until then new cases start on the old version."""
    later = world.now + timedelta(days=30)
    before = versions.in_force(world.session, "objection", world.now)
    proposal = propose(world, edit(world, "objection", "受理异议", "登记异议"), effective_at=later)
    approving.approve(world.session, proposal.id or 0, actor=second, now=world.now)
    at = [later - timedelta(seconds=1), later]
    new = proposal.report["versions"]["objection"]
    assert [versions.in_force(world.session, "objection", moment) for moment in at] == [before, new]


def test_the_proposer_does_not_approve(world: Bureau) -> None:
    """Four eyes, said in words."""
    proposal = propose(world, edit(world, "objection", "受理异议", "登记异议"))
    with pytest.raises(Forbidden, match="提出人不能批准自己的修改，须由另一位管理员批准"):
        approving.approve(world.session, proposal.id or 0, actor=world.accounts["admin"], now=world.now)


def test_only_admins_change_procedure(world: Bureau) -> None:
    """Deciding cases and changing how they are decided are separate."""
    with pytest.raises(Forbidden, match="只有管理员可以修改流程"):
        drafts.open_draft(world.session, "filing", actor=world.accounts["approver"], now=world.now)


@pytest.mark.parametrize(
    ("ground", "missing"),
    [({"clause": " "}, "依据（指南条款或文件）"), ({"note": ""}, "修改说明")],
)
def test_a_change_states_its_ground(world: Bureau, ground: dict[str, str], missing: str) -> None:
    """No clause or no note: refused with what is missing."""
    draft = edit(world, "objection", "受理异议", "登记异议")
    with pytest.raises(Unusable) as refused:
        propose(world, draft, **ground)
    assert refused.value.reasons == [missing]


def test_a_diagram_that_pays_before_acceptance_is_refused_with_its_walk(world: Bureau) -> None:
    """Disbursement after a failed acceptance: the proof names the way there."""
    draft = edit(world, "post_subsidy", 'acceptance_outcome == "passed"', 'acceptance_outcome == "failed"')
    with pytest.raises(Refused) as refused:
        propose(world, draft)
    (reason,) = [one for one in refused.value.reasons if "验收通过之前不会拨付" in one]
    assert reason.endswith("→ disbursement/record")


def test_a_failing_test_refuses_the_publication(world: Bureau) -> None:
    """A test kept with the procedure is run at every publish."""
    tests.save_test(
        world.session,
        key="objection",
        name="不予受理",
        decisions={"accept_objection": ["refuse"]},
        expected_outcome="dismissed",
        actor=world.accounts["admin"],
        now=world.now,
    )
    with pytest.raises(Refused) as refused:
        propose(world, edit(world, "objection", "受理异议", "登记异议"))
    assert refused.value.reasons == [
        "objection 的测试“不予受理”没有通过：结果应为 dismissed，实际为 refused。"
    ]


def test_a_draft_saved_elsewhere_is_not_overwritten(world: Bureau) -> None:
    """Two windows of one admin: the second save is told to reload."""
    draft = drafts.get_draft(world.session, edit(world, "objection", "受理异议", "登记异议"))
    with pytest.raises(Conflict, match="已在另一个窗口保存过"):
        drafts.save_draft(
            world.session,
            draft.id or 0,
            "objection.bpmn",
            "<x/>",
            revision=0,
            actor=world.accounts["admin"],
            now=world.now,
        )


def test_returning_to_an_earlier_version_is_a_release_too(world: Bureau, second: Account) -> None:
    """Proposed with a reason, approved by the other admin, in force for new cases at once."""
    session, old = world.session, versions.in_force(world.session, "objection", world.now)
    proposal = propose(world, edit(world, "objection", "受理异议", "登记异议"))
    approving.approve(session, proposal.id or 0, actor=second, now=world.now)
    world.now += timedelta(days=1)
    back = publishing.propose_return(
        session,
        "objection",
        old,
        reason="新版有误",
        clause="科室会议",
        effective_at=world.now,
        actor=second,
        now=world.now,
    )
    approving.approve(session, back.id or 0, actor=world.accounts["admin"], now=world.now)
    assert versions.in_force(session, "objection", world.now) == old
    assert [one.note for one in versions.releases(session, "objection")][:2] == ["新版有误", "受理期限延长"]


def test_a_refused_proposal_says_why(world: Bureau, second: Account, session: Session) -> None:
    """Nothing changes, and the proposal is no longer waiting."""
    proposal = propose(world, edit(world, "objection", "受理异议", "登记异议"))
    proposals.refuse(session, proposal.id or 0, reason="措辞不当", actor=second, now=world.now)
    assert proposals.proposals(session, "pending") == []
    assert (proposal.status, proposal.decision, proposal.decided_by) == ("refused", "措辞不当", "admin2")
