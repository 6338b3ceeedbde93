"""The bureau in figures: every figure counts exactly the rows of the list behind it."""

from datetime import timedelta
from typing import get_args

import pytest

from engine.cases import lists
from engine.cases.inbox import Filters, inbox
from engine.records.case_list import CaseFilters, case_list
from engine.records.stages import Stage
from engine.records.statistics import TOGETHER, By, Load, money_by_year, progress, workload
from tests.walks import accept, file_and_establish, file_application, pay, sign_task_book
from tests.worlds import Bureau

FILTER = {"section": "section", "direction": "direction", "county": "county", "kind": "kind"}


@pytest.fixture
def varied(world: Bureau) -> Bureau:
    """One case paid, one at its formal check, one a draft."""
    file_and_establish(world, "T3-D1-S1", requested_yuan="200000")
    sign_task_book(world)
    world.do("report", "finish")
    accept(world, verified_self_raised="1000000")
    pay(world, "示例凭证1")
    file_application(world, "F-D1-S1")
    world.open("T3-D1-S1")
    world.session.flush()
    return world


@pytest.mark.parametrize("by", get_args(By))
def test_a_stage_s_figure_is_the_length_of_its_list(varied: Bureau, by: By) -> None:
    """By section, direction, county and kind of unit."""
    account = varied.accounts["programme"]
    groups = progress(varied.session, account, by)
    listed = [
        tuple(
            case_list(
                varied.session, account, CaseFilters(stage=stage.value, **{FILTER[by]: group.key})
            ).total.number  # type: ignore[arg-type]
            for stage in Stage
        )
        for group in groups
    ]
    assert [group.reached for group in groups] == listed
    assert tuple(map(sum, zip(*listed, strict=True))) == (2, 1, 1, 1, 1)


def test_the_few_who_reached_a_late_stage_are_found_among_many(
    varied: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest of three is found by an index when no more than one may be looked at."""
    monkeypatch.setattr(lists, "LOOK", 1)
    found = {
        stage: case_list(varied.session, varied.accounts["programme"], CaseFilters(stage=stage.value), size=1)
        for stage in (Stage.ESTABLISHED, Stage.ACCEPTED, Stage.PAID)
    }
    told = {stage: ([row.case.id for row in page.rows], str(page.total)) for stage, page in found.items()}
    assert told == dict.fromkeys(found, ([1], "1"))


def test_work_by_role_is_the_inbox_of_that_role(varied: Bureau) -> None:
    """Units are one line, officers one each; overdue counts whole days past."""
    account, later = varied.accounts["programme"], varied.now + timedelta(days=400)
    loads = workload(varied.session, account, later)
    listed = [
        inbox(
            varied.session,
            account,
            Filters(
                scope="all", role=load.role, holder="none" if load.holder_id is None else "", due="overdue"
            ),
            later,
        ).total.number
        for load in loads
    ]
    assert [load.overdue for load in loads] == listed
    assert loads == [Load("applicant", TOGETHER, "", 1, 1), Load("intake", None, "", 1, 1)]


def test_money_by_year_leads_to_the_cases_it_is_about(varied: Bureau) -> None:
    """What was promised and what was paid, with as many cases as the list shows."""
    account = varied.accounts["finance"]
    years = {one.year: one for one in money_by_year(varied.session)}
    paid = case_list(varied.session, account, CaseFilters(paid=varied.now.year))
    committed = case_list(varied.session, account, CaseFilters(committed=2024))
    assert years[2024].committed_cases == committed.total.number == 1
    assert years[2024].committed_fen == committed.rows[0].committed_fen
    assert years[varied.now.year].paid_fen == paid.rows[0].paid_fen == 10_000_000
