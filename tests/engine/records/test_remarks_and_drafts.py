"""Remarks reach whom they are for; drafts wait for whoever wrote them."""

import pytest
from sqlmodel import Session

from engine.errors import Conflict, Forbidden, Refused
from engine.records import drafts, remarks
from tests.worlds import Bureau, bureau


@pytest.fixture
def template() -> str:
    return "bureau"


@pytest.fixture
def world(session: Session) -> Bureau:
    return bureau(session)


def test_the_unit_reads_what_is_said_to_it(world: Bureau) -> None:
    """An internal remark stays inside; a unit's own is always read by both."""
    case = world.open("T3-D1-S1")
    for text, role, to_unit in (
        ("内部", "intake", False),
        ("请补盖章", "intake", True),
        ("好", "applicant", False),
    ):
        remarks.remark(world.session, case, text, actor=world.accounts[role], now=world.now, to_unit=to_unit)

    seen = {
        role: [one.text for one in remarks.remarks_of(world.session, case.id or 0, world.accounts[role])]
        for role in ("applicant", "programme")
    }
    assert seen == {"applicant": ["好", "请补盖章"], "programme": ["好", "请补盖章", "内部"]}


@pytest.mark.parametrize(
    ("role", "text", "error"),
    [
        ("expert", "评", Forbidden),
        ("supervision", "看", Forbidden),
        ("intake", " ", Refused),
        ("intake", "长" * 2001, Refused),
    ],
)
def test_who_may_say_what(world: Bureau, role: str, text: str, error: type[Exception]) -> None:
    """Experts say it on the score sheet, supervision only reads."""
    case = world.open("T3-D1-S1")

    with pytest.raises(error):
        remarks.remark(world.session, case, text, actor=world.accounts[role], now=world.now, to_unit=True)


def test_a_draft_is_one_persons_until_the_step_is_done(world: Bureau) -> None:
    """Saved again it is replaced; nobody else sees it; once the step is done none is taken."""
    world.open("T3-D1-S1")
    item, applicant = world.item("fill"), world.accounts["applicant"]
    for title in ("一", "二"):
        drafts.save_draft(
            world.session, item.id or 0, actor=applicant, payload={"title": title}, now=world.now
        )

    kept = drafts.draft_of(world.session, item.id or 0, applicant)
    assert kept is not None
    assert kept.payload == {"title": "二"}
    assert drafts.draft_of(world.session, item.id or 0, world.accounts["intake"]) is None
    world.do("fill", "submit", title="三", facts={"requested_yuan": "1"})
    with pytest.raises(Conflict, match="草稿不再保存"):
        drafts.save_draft(world.session, item.id or 0, actor=applicant, payload={}, now=world.now)
    drafts.discard_drafts(world.session, item.id or 0)
    world.session.expire_all()
    assert drafts.draft_of(world.session, item.id or 0, applicant) is None


def test_a_stranger_keeps_no_draft(world: Bureau) -> None:
    """Whoever may not complete the step has nothing to save there."""
    world.open("T3-D1-S1")

    with pytest.raises(Forbidden):
        drafts.save_draft(
            world.session,
            world.item("fill").id or 0,
            actor=world.accounts["finance"],
            payload={},
            now=world.now,
        )
