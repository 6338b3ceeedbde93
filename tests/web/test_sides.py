"""Termination and objection from the case page: offered to whom, refused to whom, and what they set off."""

from tests.walks import file_and_establish, sign_task_book
from tests.web.test_cases import Town, template, town

__all__ = ["template", "town"]


def under_way(town: Town) -> int:
    """The number of a project whose task-book is signed."""
    case_id = established(town)
    sign_task_book(town.world)
    town.world.session.commit()
    return case_id


def established(town: Town) -> int:
    """The number of a project just established."""
    case_id = file_and_establish(town.world, "T3-D1-S1", requested_yuan="200000").id or 0
    town.world.session.commit()
    return case_id


def test_the_unit_proposes_a_termination_and_the_department_gets_it(town: Town) -> None:
    """Offered while the project is under way; the proposal is a step of the programme officer's."""
    case_id = under_way(town)
    client = town.sign_in("applicant")
    offered = "提出终止" in client.get(f"/cases/{case_id}").get_data(as_text=True)
    client.post(f"/cases/{case_id}/terminations", data={"reason": "市场变化"})
    assert (offered, "review_termination" in town.open_steps()) == (True, True)


def test_a_termination_without_a_reason_changes_nothing(town: Town) -> None:
    """The sentence says what is missing."""
    case_id = under_way(town)
    answer = town.sign_in("programme").post(f"/cases/{case_id}/terminations", data={"reason": " "})
    assert (answer.status_code, "请写明终止事由" in answer.get_data(as_text=True)) == (409, True)


def test_supervision_sees_no_button_and_may_not_post(town: Town) -> None:
    """Reads everything, changes nothing."""
    case_id = under_way(town)
    client = town.sign_in("supervision")
    shown = "提出终止" in client.get(f"/cases/{case_id}").get_data(as_text=True)
    answer = client.post(f"/cases/{case_id}/terminations", data={"reason": "停滞"})
    assert (shown, answer.status_code, town.open_steps()) == (False, 403, ["report"])


def test_an_objection_outside_the_notice_is_refused(town: Town) -> None:
    """Only while the public notice runs."""
    case_id = established(town)
    sent = {"raised_by": "示例人", "contact": "0772", "content": "内容"}
    answer = town.sign_in("planning").post(f"/cases/{case_id}/objections", data=sent)
    assert (answer.status_code, "不在公示期内" in answer.get_data(as_text=True)) == (409, True)
