"""Drafts: what can be edited, opened, imported, checked and tested before anybody else sees it."""

import pytest
from sqlmodel import Session

from engine.change import approving, checking, drafts, publishing, tests
from engine.errors import Refused, Unusable
from engine.people.models import Account
from engine.procedures import versions
from seed.procedures import shipped_sources
from tests.worlds import Bureau


def test_every_process_can_be_edited_with_who_uses_it(session: Session, world: Bureau) -> None:
    """Procedures first; a shared part names all that call it, directly or not."""
    parts = {part.key: part for part in drafts.parts(session, world.now)}
    assert parts["post_subsidy"].started
    assert set(parts["disbursement"].parents) == {"cooperation_subsidy", "milestone_subsidy", "post_subsidy"}


def test_a_file_from_another_modeler_takes_the_drafts_place(session: Session, world: Bureau) -> None:
    """Imported, kept word for word, and exported again."""
    admin = world.accounts["admin"]
    content = shipped_sources()["objection.bpmn"].replace("受理异议".encode(), "登记异议".encode())
    draft = drafts.import_file(session, "objection", "from-modeler.bpmn", content, actor=admin, now=world.now)
    assert drafts.export_file(session, draft.id or 0, "objection.bpmn") == content


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "DOCTYPE"),
        (b"not xml", "objection.bpmn"),
        (shipped_sources()["objection.bpmn"].replace(b"bpmndi:BPMNShape", b"bpmndi:x"), "没有图形位置"),
        (shipped_sources()["filing.bpmn"], "没有编号为“objection”的流程，只有 filing"),
    ],
)
def test_a_file_that_cannot_be_a_draft_is_refused(
    session: Session, world: Bureau, content: bytes, sentence: str
) -> None:
    """With what is wrong; no draft is left behind."""
    admin = world.accounts["admin"]
    with pytest.raises(Unusable, match=sentence):
        drafts.import_file(session, "objection", "objection.bpmn", content, actor=admin, now=world.now)
    assert drafts.drafts_of(session, "admin") == []


def test_an_unfinished_draft_is_kept_and_its_findings_named(session: Session, world: Bureau) -> None:
    """Saving never judges; the check says where and what."""
    admin = world.accounts["admin"]
    draft = drafts.open_draft(session, "objection", actor=admin, now=world.now)
    text = draft.files["objection.bpmn"].replace('value="objection_intake"', 'value="no_such_form"')
    drafts.save_draft(session, draft.id or 0, "objection.bpmn", text, revision=0, actor=admin, now=world.now)
    (finding,) = checking.check_text(session, drafts.files_of(draft), world.now)
    assert (finding.file, finding.element) == ("objection.bpmn", "accept_objection")


def test_another_admins_draft_is_only_looked_at(session: Session, world: Bureau, second: Account) -> None:
    """Each has their own."""
    mine = drafts.open_draft(session, "objection", actor=world.accounts["admin"], now=world.now)
    theirs = drafts.open_draft(session, "objection", actor=second, now=world.now)
    assert mine.id != theirs.id
    with pytest.raises(Refused, match="其他管理员的草稿"):
        drafts.discard_draft(session, mine.id or 0, actor=second)


def test_a_new_procedure_is_publishable_as_it_comes(session: Session, world: Bureau, second: Account) -> None:
    """The blank diagram passes check and proof; once approved, it is in force."""
    admin = world.accounts["admin"]
    draft = drafts.new_procedure(session, "site_audit", "现场核查", actor=admin, now=world.now)
    assert checking.check_text(session, drafts.files_of(draft), world.now) == []
    proposal = publishing.propose_publication(
        session,
        draft.id or 0,
        clause="科室会议",
        note="新流程",
        effective_at=world.now,
        actor=admin,
        now=world.now,
    )
    approving.approve(session, proposal.id or 0, actor=second, now=world.now)
    name = versions.in_force(session, "site_audit", world.now)
    assert versions.load(session, name).title == "现场核查"


def test_a_new_decision_table_lies_beside_the_draft(session: Session, world: Bureau) -> None:
    """And passes the check as it comes."""
    admin = world.accounts["admin"]
    draft = drafts.open_draft(session, "objection", actor=admin, now=world.now)
    drafts.add_decision(session, draft.id or 0, "severity", "轻重", actor=admin, now=world.now)
    assert sorted(draft.files) == ["objection.bpmn", "severity.dmn"]
    assert checking.check_text(session, drafts.files_of(draft), world.now) == []


def test_a_test_goes_the_ordinary_way_to_the_amount(session: Session, world: Bureau) -> None:
    """Facts in, outcome and yuan out, by the product's own rule."""
    test = tests.save_test(
        session,
        key="post_subsidy",
        name="按核定自筹拨付",
        direction_code="T3-D1-S1",
        facts={"verified_self_raised": 1234565, "approved": 200000, "acceptance": "passed"},
        expected_outcome="paid",
        expected_yuan=123_457,
        actor=world.accounts["admin"],
        now=world.now,
    )
    found = tests.run_test(session, test, shipped_sources(), world.now)
    assert (found.passed, found.amount_yuan, found.walk[-1]) == (True, 123_457, "paid")


def test_a_figure_sent_back_is_worked_out_again_for_the_same_tranche(session: Session, world: Bureau) -> None:
    """Of the first node 30 per cent are paid, however often the figure was looked at."""
    test = tests.save_test(
        session,
        key="milestone_subsidy",
        name="退回重算",
        direction_code="T2-D1-S1",
        facts={"approved": 800_000, "tranche_percent": ["30", "70"], "milestones": ["passed", "passed"]},
        decisions={"review_payment": ["return", "agree"], "node_review": ["achieved", "failed"]},
        actions={"next_node": ["node", "node"]},
        expected_outcome="failed",
        expected_yuan=240_000,
        actor=world.accounts["admin"],
        now=world.now,
    )
    found = tests.run_test(session, test, shipped_sources(), world.now)
    assert (found.outcome, found.amount_yuan, found.message) == (
        "failed",
        240_000,
        "通过：结果 failed，拨付 240,000 元。",
    )


def test_a_test_says_what_came_out_instead(session: Session, world: Bureau) -> None:
    """Outcome, amount and the decisions that found no place."""
    test = tests.save_test(
        session,
        key="post_subsidy",
        name="受理不通过",
        direction_code="T3-D1-S1",
        decisions={"intake": ["refuse"], "certificate": ["return"]},
        expected_outcome="paid",
        expected_yuan=1,
        actor=world.accounts["admin"],
        now=world.now,
    )
    found = tests.run_test(session, test, shipped_sources(), world.now)
    assert not found.passed
    assert found.message == (
        "结果应为 paid，实际为 not_accepted。拨付应为 1 元，实际为 0 元。"
        "测试给“certificate”的决定（return）没有用上：流程没有走到这一步。"
    )


def test_a_limit_passes_where_the_test_says_so(session: Session, world: Bureau) -> None:
    """The correction is late."""
    test = tests.save_test(
        session,
        key="post_subsidy",
        name="逾期未补正",
        decisions={"intake": ["correct"], "correction_late": [tests.TIMER]},
        expected_outcome="not_accepted",
        expected_yuan=0,
        actor=world.accounts["admin"],
        now=world.now,
    )
    found = tests.run_test(session, test, shipped_sources(), world.now)
    assert (found.passed, found.message) == (True, "通过：结果 not_accepted，拨付 0 元。")


def test_the_vocabulary_has_what_a_diagram_may_use(session: Session, world: Bureau) -> None:
    """Lanes, forms, actions and names."""
    words = checking.vocabulary(session, world.now)
    assert {"受理员", "业务科室"} <= set(words.lanes)
    assert "record_payment" in words.actions
    assert {"limit_intake", "window_end"} <= {key for key, _ in words.names}
