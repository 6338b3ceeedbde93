"""The list of cases (项目列表): every state of the filters is an address, and every figure leads to one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import cast, get_args

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, func, select

from engine.cases.queries import internal
from engine.catalogue.conditions import UnitKind
from engine.catalogue.models import Direction
from engine.records.case_list import CaseFilters, Sort, case_list
from engine.records.stages import Stage
from engine.records.views import views_for
from web.access import allow, signed_in
from web.auth import me
from web.database import session
from web.forms.words import option_label
from web.language import translate as _
from web.lists import (
    WrongFilter,
    address,
    as_far_as_readable,
    cursor_of,
    cursor_text,
    fen_of,
    one_of,
    sort_of,
    word_of,
)

blueprint = Blueprint("case_list", __name__)
NARROWING = (
    "direction", "section", "stage", "status", "county", "kind", "unit", "text", "year", "committed", "paid",
    "from", "to",
)  # fmt: skip
KEPT = (*NARROWING, "sort")


@blueprint.get("/cases")
@allow(signed_in)
def index() -> ResponseReturnValue:
    """The cases somebody may see, as the filters say."""
    filters, wrong = as_far_as_readable(filters_from, request.args)
    page = render_template(
        "officer/cases.html",
        wrong=wrong,
        found=case_list(session(), me(), filters),
        filters=filters,
        stages=Stage,
        narrowed=any(request.args.get(name) for name in NARROWING),
        views=views_for(session(), me(), "cases"),
        view=partial(address, request.path, request.args, KEPT),
        query=address("", request.args, KEPT).removeprefix("?"),
        cursor_text=cursor_text,
        sections=_sections(session()),
        kinds=[(kind, option_label(kind)) for kind in get_args(UnitKind)],
        inside=internal(me()),
    )
    return page, 400 if wrong else 200


def _sections(session: Session) -> Sequence[str]:
    """The guide's sections (专项), in its order."""
    first = func.min(Direction.position)
    return session.exec(select(Direction.section).group_by(col(Direction.section)).order_by(first)).all()


def filters_from(query: Mapping[str, str]) -> CaseFilters:
    """The filters in an address; WrongFilter, in a sentence, for what there cannot be."""
    sort = sort_of(query, get_args(Sort))
    stages = ("", *(stage.value for stage in Stage))
    words = {
        name: word_of(query, name)
        for name in ("direction", "section", "status", "county", "kind", "unit", "text")
    }
    return CaseFilters(
        **words,
        stage=one_of(query, "stage", stages, "", _("没有“%(word)s”这个阶段；请从页面上选择。")),
        year=_year(query, "year"),
        committed=_year(query, "committed"),
        paid=_year(query, "paid"),
        amount_from=fen_of(query, "from"),
        amount_to=fen_of(query, "to"),
        sort=cast("Sort", sort),
        cursor=cursor_of(query, read=int if sort == "amount" else datetime.fromisoformat),
    )


def _year(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 2000 <= int(text[:5]) < 2100):
        raise WrongFilter(name, _("“%(text)s”不是年份；请写成四位数字，如 2026。", text=text[:10]))
    return int(text)
