"""A guide's draft: imported, corrected, compared, confirmed by a second admin; running cases keep their guide."""

import pytest
from sqlmodel import Session

from engine.cases.opening import open_case
from engine.catalogue.directions import get_direction, list_directions
from engine.change import approving
from engine.change.guide import drafts
from engine.change.guide.models import GuideDraft
from engine.errors import Conflict, Forbidden, Refused, Unusable
from engine.people.models import Account
from tests.worlds import Bureau

GUIDE = """专题一：智慧农业
方向1：果园机器人
1.研究内容：采摘机器人整机研发。
2.实施期限：不超过3年。
3.补助方式：后补助。通过验收后一次性拨付。
4.资助经费：按验收证书中核定的自筹经费的15%给予补助，单个项目最高补助12万元。
5.相关说明：公开择优。
方向2：蜂业
1.主要内容：蜜源植物调查。
2.支持经费：不安排市级财政资金。
"""
GROUND = {"clause": "2030 年度申报指南", "note": "新年度指南"}


@pytest.fixture
def draft(world: Bureau) -> GuideDraft:
    """The guide of 2030, imported by the admin."""
    return drafts.import_guide(
        world.session, GUIDE.encode(), "指南.txt", 2030, actor=world.accounts["admin"], now=world.now
    )


def correct(world: Bureau, draft: GuideDraft, field: str, value: str) -> GuideDraft:
    """The admin corrects a field of 蜂业."""
    admin = world.accounts["admin"]
    return drafts.correct(world.session, draft.id or 0, "T1-D2", field, value, actor=admin, now=world.now)


def confirm(world: Bureau, draft: GuideDraft, second: Account) -> None:
    """The admin proposes, the second one approves."""
    admin, session = world.accounts["admin"], world.session
    proposal = drafts.propose_guide(session, draft.id or 0, actor=admin, now=world.now, **GROUND)
    approving.approve(session, proposal.id or 0, actor=second, now=world.now)


def test_a_draft_offers_nothing(world: Bureau, draft: GuideDraft) -> None:
    """It is compared with what is offered, which stays as it is."""
    offered = [spec.code for spec in list_directions(world.session)]

    kinds = {change.what for change in drafts.differences(world.session, draft)}

    assert ([spec.code for spec in list_directions(world.session)], kinds) == (offered, {"added", "removed"})


def test_an_incomplete_draft_is_not_proposed(world: Bureau, draft: GuideDraft) -> None:
    """What was not read is named by direction and field."""
    with pytest.raises(Refused) as refusal:
        drafts.propose_guide(
            world.session, draft.id or 0, actor=world.accounts["admin"], now=world.now, **GROUND
        )

    assert refusal.value.reasons == ["T1-D2 方向2：蜂业：实施期限写最长或写确定年数，写一种"]


def test_a_confirmed_guide_is_what_applicants_see(world: Bureau, draft: GuideDraft, second: Account) -> None:
    """Its codes carry the year; last year's directions stay for their cases and take no new ones."""
    session, old = world.session, list_directions(world.session)[0].code
    correct(world, draft, "duration_max_years", "2")

    confirm(world, draft, second)

    assert [spec.code for spec in list_directions(session)] == ["T1-D1@2030", "T1-D2@2030"]
    assert get_direction(session, old).code == old
    with pytest.raises(Refused, match="往年指南"):
        open_case(session, old, unit_id=world.unit.id or 0, actor=world.accounts["applicant"], now=world.now)


def test_who_imported_and_proposed_does_not_confirm(world: Bureau, draft: GuideDraft) -> None:
    """Four eyes, as for every change of rules."""
    correct(world, draft, "duration_max_years", "2")
    admin = world.accounts["admin"]
    proposal = drafts.propose_guide(world.session, draft.id or 0, actor=admin, now=world.now, **GROUND)

    with pytest.raises(Forbidden, match="四眼"):
        approving.approve(world.session, proposal.id or 0, actor=admin, now=world.now)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("quota", "-3", "正整数"),
        ("rule.rate", "20", "20% 写作 0.2"),
        ("funding_mode", "free", "之一"),
        ("path", "x", "不能单独更正"),
    ],
)
def test_a_correction_that_is_no_value_is_refused(
    world: Bureau, draft: GuideDraft, field: str, value: str, words: str
) -> None:
    """And nothing is changed."""
    with pytest.raises(Unusable, match=words):
        correct(world, draft, field, value)
    assert draft.corrections == {}


def test_a_discarded_draft_takes_no_more_corrections(world: Bureau, draft: GuideDraft) -> None:
    """Its text is kept."""
    drafts.discard(world.session, draft.id or 0, actor=world.accounts["admin"], now=world.now)

    with pytest.raises(Conflict, match="已经放弃"):
        correct(world, draft, "quota", "3")


def test_the_guide_in_force_is_not_imported_again(world: Bureau, session: Session) -> None:
    """A new guide is of a later year."""
    admin = world.accounts["admin"]
    with pytest.raises(Refused, match="现行指南是 2024 年度"):
        drafts.import_guide(session, GUIDE.encode(), "指南.txt", 2024, actor=admin, now=world.now)
