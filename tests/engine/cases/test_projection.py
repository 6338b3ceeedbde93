"""The rows are true after every single step, on the ordinary way and on a random one."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from engine.bpmn.ways import outcomes
from engine.cases import door
from engine.cases.formal_check import checklist
from engine.cases.models import CaseFile, Process, WorkItem
from engine.catalogue.directions import get_direction
from engine.errors import KeguanError
from engine.people.models import Account
from engine.procedures import versions
from engine.reviewing import rounds
from engine.simulation.applications import complete_facts
from tests.engine.cases import test_stories as stories
from tests.truth import untruths
from tests.walks import RUBRIC
from tests.worlds import MARCH, Bureau


class Watched(Bureau):
    """A bureau whose every step is looked at."""

    def do(self, element: str, outcome: str, case: CaseFile | None = None, **form: Any) -> WorkItem:
        item = super().do(element, outcome, case, **form)
        assert untruths(self.session) == []
        return item

    def settle(self) -> None:
        super().settle()
        assert untruths(self.session) == []


@pytest.mark.parametrize(
    "story",
    [
        stories.test_a_milestone_subsidy_is_paid_node_by_node_and_the_rest_after_acceptance,
        stories.test_a_cooperation_subsidy_is_paid_on_the_contract_payment_and_clawed_back_after_failure,
    ],
)
def test_every_step_of_a_story_leaves_true_rows(
    session: Session, monkeypatch: pytest.MonkeyPatch, story: Callable[[Session], None]
) -> None:
    """Call activities, boundary events, subprocess and parallel scores included."""
    monkeypatch.setattr(stories, "bureau", lambda opened: Watched(**vars(stories_bureau(opened))))
    story(session)


stories_bureau = stories.bureau


def entered(world: Bureau, item: WorkItem, draw: random.Random) -> dict[str, Any]:
    """A form for any step: as good as the step needs it, amounts by chance."""
    case = world.session.get(CaseFile, item.case_id) if item.case_id else None
    if item.form_key in ("application", "correction") and case is not None:
        facts = complete_facts(get_direction(world.session, case.direction_code), MARCH.date())
        return {"title": "示例项目", "facts": facts | {"requested_yuan": "100000"}}
    if item.form_key == "formal_check" and case is not None:
        open_items = [found for found in checklist(world.session, case.id) if found.verdict is None]
        return {"items": [{"rule": found.rule, "verdict": "met"} for found in open_items]}
    if item.form_key == "panel":
        return {"experts": [expert.id for expert in world.experts]}
    if item.form_key == "score_sheet":
        listed = rounds.entries(world.session, item.round_id)
        return {"rows": [{"case_id": e.case_id, "points": RUBRIC, "recommend": True} for e in listed]}
    return {
        "issue_document": {"number": "示科发〔2024〕1号"},
        "acceptance_application": {"summary": "全部完成", "audit_report": "示审1号"},
        "verification": {"verified_self_raised": str(draw.choice([0, 1000000]))},
        "payment_record": {"voucher": f"凭证{item.id}"},
        "clawback_decision": {"amount": "1"},
        "clawback_record": {"voucher": f"退款{item.id}"},
    }.get(item.form_key, {})


@pytest.mark.parametrize("seed", range(4))
def test_rows_stay_true_on_random_ways(world: Bureau, seed: int) -> None:
    """Sixty moves by chance: any declared outcome, any refusal, time passing at any moment."""
    draw, session = random.Random(seed), world.session
    world.open("T3-D1-S1")
    world.open("T3-D1-S1")
    session.commit()
    for _ in range(60):
        items = list(session.exec(select(WorkItem).where(WorkItem.status == "open").order_by(WorkItem.id)))  # type: ignore[arg-type]
        if not items or draw.random() < 0.1:
            world.now += timedelta(days=draw.choice([1, 3, 8]))
            world.settle()
            if rounds.cases_awaiting_review(session, "T3-D1-S1"):
                rounds.open_round(session, "T3-D1-S1", actor=world.accounts["programme"], now=world.now)
        else:
            move(world, draw.choice(items), draw)
        session.commit()
        assert untruths(session) == []
    assert session.exec(select(Process)).all()


def move(world: Bureau, item: WorkItem, draw: random.Random) -> None:
    """Complete one step, mostly the ordinary way; a refusal is taken back, as every caller does."""
    process = world.session.get_one(Process, item.process_id)
    element = versions.load(world.session, process.version).element(item.process_key, item.element)
    ways = outcomes(element) or ["confirm"]
    outcome = ways[0] if draw.random() < 0.8 else draw.choice(ways)
    actor = world.session.get_one(Account, item.holder_id) if item.item else world.accounts[item.role]
    payload = {"outcome": outcome, "comment": "示例理由"} | entered(world, item, draw)
    try:
        door.complete(world.session, item.id or 0, actor=actor, payload=payload, now=world.now)
    except KeguanError:
        world.session.rollback()
        world.session.expire_all()
