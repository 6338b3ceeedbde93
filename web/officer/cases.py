"""The list of cases (项目列表): every state of the filters is an address, and every figure leads to one."""

from collections.abc import Mapping
from functools import partial
from typing import cast, get_args

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.cases.queries import internal
from engine.errors import Unusable
from engine.records.case_list import CaseFilters, Sort, case_list
from engine.records.stages import Stage
from engine.records.views import views_for
from web.access import allow, signed_in
from web.auth import me
from web.database import session
from web.officer.filters import address, cursor_of, cursor_text, fen_of, one_of, sort_of

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
    filters = filters_from(request.args)
    return render_template(
        "officer/cases.html",
        found=case_list(session(), me(), filters),
        filters=filters,
        stages=Stage,
        narrowed=any(request.args.get(name) for name in NARROWING),
        views=views_for(session(), me(), "cases"),
        view=partial(address, request.path, request.args, KEPT),
        query=address("", request.args, KEPT).removeprefix("?"),
        cursor_text=cursor_text,
        inside=internal(me()),
    )


def filters_from(query: Mapping[str, str]) -> CaseFilters:
    """The filters in an address; Unusable, in a sentence, for what there cannot be."""
    sort = sort_of(query, get_args(Sort))
    stages = ("", *(stage.value for stage in Stage))
    words = {
        name: query.get(name, "").strip()
        for name in ("direction", "section", "status", "county", "kind", "unit", "text")
    }
    return CaseFilters(
        **words,
        stage=one_of(query, "stage", stages, "", "没有“{}”这个阶段；请从页面上选择。"),
        year=_year(query, "year"),
        committed=_year(query, "committed"),
        paid=_year(query, "paid"),
        amount_from=fen_of(query.get("from", "")),
        amount_to=fen_of(query.get("to", "")),
        sort=cast("Sort", sort),
        cursor=cursor_of(query, read=int if sort == "amount" else None),
    )


def _year(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 2000 <= int(text[:5]) < 2100):
        raise Unusable(f"“{text[:10]}”不是年份；请写成四位数字，如 2026。")
    return int(text)
