"""Officers' daily work through the API: many steps at once, drafts, the draw."""

from collections.abc import Callable

from sqlmodel import col, select

from engine.cases.models import WorkItem
from engine.reviewing import rounds
from tests.walks import file_application, pass_formal_check
from tests.web.api.conftest import Caller
from tests.worlds import Bureau

Call = Callable[[str], Caller]
DIRECTION = "T3-D1-S1"


def _waiting(world: Bureau, count: int) -> list[int]:
    """So many recommended applications; their intake steps, and one that cannot be decided so."""
    for number in range(count):
        case = world.open(DIRECTION)
        world.do("fill", "submit", case, title=f"示例项目 {number}", facts={"requested_yuan": "100000"})
        world.do("recommend", "recommend", case)
    world.open(DIRECTION)
    world.session.flush()
    statement = select(WorkItem.id).where(
        col(WorkItem.element).in_(["intake", "fill"]), WorkItem.status == "open"
    )
    found = [one or 0 for one in world.session.exec(statement.order_by(col(WorkItem.id)))]
    world.session.commit()
    return found


def _steps(world: Bureau) -> list[str]:
    found = world.open_steps()
    world.session.commit()
    return found


def test_a_rehearsal_changes_nothing_and_the_decision_is_made_once(world: Bureau, call: Call) -> None:
    """Two are taken in, the unit's own step is refused in words and holds up neither; a key does it once."""
    items = _waiting(world, 2)
    intake, body = call("intake"), {"items": items, "outcome": "accept"}

    rehearsed = intake.post("/work-items/decisions", body | {"rehearsal": True}, Idempotency_Key="r")
    before = _steps(world)
    done, again = (intake.post("/work-items/decisions", body, Idempotency_Key="k") for _ in range(2))

    assert [(one.json["fine"], one.json["refused"]) for one in (rehearsed, done, again)] == [(2, 1)] * 3
    assert (before, _steps(world)) == (["intake", "intake", "fill"], ["fill", "check", "check"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert [line["fine"] for line in done.json["lines"]] == [True, True, False]
    assert "代录" in done.json["lines"][2]["sentence"]


def test_a_draft_is_one_s_own(world: Bureau, call: Call) -> None:
    """Kept as far as it is filled in, read back by whoever wrote it, refused to who may not complete the step."""
    item = _waiting(world, 0)[0]
    applicant = call("applicant")

    empty = applicant.get(f"/work-items/{item}/draft").json
    kept = applicant.post(f"/work-items/{item}/draft", {"form": {"title": "未写完"}}).json

    assert (empty["form"], empty["saved_at"]) == ({}, None)
    assert applicant.get(f"/work-items/{item}/draft").json == kept
    assert call("recommender").post(f"/work-items/{item}/draft", {"form": {}}).status_code == 403


def test_a_draw_is_prepared_told_and_cancelled(world: Bureau, call: Call) -> None:
    """By the drawing office alone; who runs the programme neither starts nor sees it."""
    case = file_application(world, DIRECTION)
    pass_formal_check(world, case)
    world.settle()
    opened = rounds.open_round(world.session, DIRECTION, actor=world.accounts["programme"], now=world.now)
    world.do("group", "confirm")
    world.session.commit()
    path, drawing = f"/rounds/{opened.id}/draw", call("drawing")

    none = drawing.get(path)
    made = drawing.post(f"{path}/preparation", Idempotency_Key="d")
    again = drawing.post(f"{path}/preparation", Idempotency_Key="d")
    lots = drawing.post(f"{path}/lots", {"witness": "示例监督员", "number": "7"})
    stopped = drawing.post(f"{path}/cancellation")

    assert (none.status_code, made.status_code, again.json) == (404, 202, made.json)
    assert (made.json["status"], stopped.json["status"]) == ("queued", "cancelled")
    assert (lots.status_code, lots.json["error"]["code"]) == (409, "refused")
    assert [
        call("programme").get(path).status_code,
        call("programme").post(f"{path}/preparation").status_code,
    ] == [403, 403]


def test_a_character_no_database_keeps_is_refused(world: Bureau, call: Call) -> None:
    """Escaped in JSON it would get past a form's check."""
    item = _waiting(world, 0)[0]

    for text in ("a\0b", "\ud800"):
        answer = call("applicant").post(f"/work-items/{item}/draft", {"form": {"title": text}})
        assert (answer.status_code, answer.json["error"]["code"]) == (400, "unusable")
