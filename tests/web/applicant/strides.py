"""A case brought to where the applicant's stories begin, its round's decisions sent as messages."""

from typing import Any

from engine.cases import door
from engine.cases.models import CaseFile
from engine.cases.sides import main_process
from tests.walks import file_application, pass_formal_check, sign_task_book
from tests.worlds import Bureau

DECIDED = (
    ("review_result", "recommended"),
    ("notice_opened", "listed"),
    ("establishment_decided", "established"),
)
NODES = [
    {"title": "样机", "due_on": "2025-06-30", "percent": "40"},
    {"title": "验收", "due_on": "2026-06-30", "percent": "60"},
]


def in_review(world: Bureau, direction: str = "T3-D1-S1") -> CaseFile:
    """Formally checked and waiting for its review."""
    case = file_application(world, direction)
    pass_formal_check(world, case)
    world.session.commit()
    return case


def established(world: Bureau, direction: str = "T3-D1-S1") -> CaseFile:
    """Established at the amount asked for; the task-book is to be filled in."""
    case = in_review(world, direction)
    case.approved_fen = case.requested_fen
    process = main_process(world.session, case.id or 0)
    for name, outcome in DECIDED:
        door.send(world.session, process.id or 0, name, outcome, now=world.now, key=f"{name}:{case.id}")
        world.settle()
    return case


def under_way(world: Bureau, direction: str = "T3-D1-S1", **book: Any) -> CaseFile:
    """Signed, with its first report to come."""
    case = established(world, direction)
    sign_task_book(world, **book)
    world.session.commit()
    return case
