"""Dashboards (统计): every figure is a link to the list of exactly the cases or steps it counts."""

from functools import partial
from typing import cast, get_args

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.clock import local_day
from engine.records import statistics
from engine.records.case_list import NOWHERE
from engine.records.stages import Stage
from web.access import allow, officers
from web.auth import me
from web.clock import now
from web.database import session
from web.forms.words import option_label
from web.language import translate as _
from web.lists import one_of
from web.officer.cases import filters_from

blueprint = Blueprint("dashboards", __name__)
FILTER = {"section": "section", "direction": "direction", "county": "county", "kind": "kind"}
"""The filter of the list of cases that shows one group."""


@blueprint.get("/dashboards")
@allow(officers)
def index() -> ResponseReturnValue:
    """How far cases have come, what is overdue, who has how much, what was promised and paid."""
    by = one_of(
        request.args, "by", get_args(statistics.By), "section", _("没有按“%(word)s”的统计；请从页面上选择。")
    )
    year = filters_from(request.args).year
    groups = statistics.progress(session(), me(), cast("statistics.By", by), year)
    loads = statistics.workload(session(), me(), now())
    return render_template(
        "dashboards/index.html",
        by=by,
        year=year,
        years=statistics.years(session()),
        stages=list(Stage),
        stage_words=Stage,
        groups=groups,
        totals=[sum(group.reached[place] for group in groups) for place in range(len(Stage))],
        filter=FILTER[by],
        group_name=partial(_name, by),
        loads=loads,
        money=_years_with_figures(),
    )


def _years_with_figures() -> list[statistics.YearOfMoney]:
    """The years something was promised or paid in, and this one; budgets far ahead stand on the budget's page."""
    this_year = local_day(now()).year
    return [
        one
        for one in statistics.money_by_year(session())
        if one.committed_cases or one.paid_cases or one.year == this_year
    ]


def _name(by: str, group: statistics.Progress) -> str:
    """What a group is called: a direction by its code and title, a kind of unit by its word."""
    if by == "direction":
        return f"{group.key} {group.title}"
    if by == "kind":
        return option_label(group.key)
    return _("市外") if group.key == NOWHERE else group.title
