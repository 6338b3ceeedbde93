"""Print and export (打印与导出): what there is, each paper as a page, and the same paper as a workbook."""

import io

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from engine.errors import Unusable
from engine.records.workbooks import CONTENT_TYPE, Table, shown, write_table
from engine.reviewing.models import PublicNotice
from web.access import allow, officers
from web.auth import me
from web.database import session
from web.exports import papers

blueprint = Blueprint("exports", __name__, url_prefix="/exports")


@blueprint.get("")
@allow(officers)
def index() -> ResponseReturnValue:
    """Every paper there is something to print on."""
    notices = session().exec(select(PublicNotice).order_by(col(PublicNotice.id).desc())).all()
    return render_template(
        "exports/index.html",
        rounds=papers.papers_of_rounds(session(), me()),
        notices=notices,
        years=papers.paid_years(session()),
        directions=papers.noticed_directions(session()),
    )


@blueprint.get("/notices/<int:notice_id>", defaults={"form": "page"})
@blueprint.get("/notices/<int:notice_id>.<any(xlsx):form>")
@allow(officers)
def notice(notice_id: int, form: str) -> ResponseReturnValue:
    """A public notice."""
    return _answer(papers.public_notice(session(), notice_id), form)


@blueprint.get("/rankings/<int:round_id>", defaults={"form": "page"})
@blueprint.get("/rankings/<int:round_id>.<any(xlsx):form>")
@allow(officers)
def ranking(round_id: int, form: str) -> ResponseReturnValue:
    """A round's ranked list."""
    return _answer(papers.ranking(session(), round_id, me()), form)


@blueprint.get("/established/<int:round_id>", defaults={"form": "page"})
@blueprint.get("/established/<int:round_id>.<any(xlsx):form>")
@allow(officers)
def established(round_id: int, form: str) -> ResponseReturnValue:
    """The projects a round's document established."""
    return _answer(papers.established(session(), round_id), form)


@blueprint.get("/payments/<int:year>", defaults={"form": "page"})
@blueprint.get("/payments/<int:year>.<any(xlsx):form>")
@allow(officers)
def payments(year: int, form: str) -> ResponseReturnValue:
    """A year's payments."""
    return _answer(papers.payments(session(), year), form)


@blueprint.get("/formal-checks", defaults={"form": "page"})
@blueprint.get("/formal-checks.<any(xlsx):form>")
@allow(officers)
def formal_checks(form: str) -> ResponseReturnValue:
    """The notices of the formal check, of one direction or of all."""
    direction = request.args.get("direction", "")
    if len(direction) > 40:
        raise Unusable("方向代码太长；请从“打印与导出”进入。")
    return _answer(papers.check_notices(session(), direction), form)


def _answer(table: Table, form: str) -> ResponseReturnValue:
    """The paper as a page to print, or the very same as a workbook."""
    if form == "xlsx":
        content = io.BytesIO(write_table(table))
        return send_file(
            content, mimetype=CONTENT_TYPE, as_attachment=True, download_name=f"{table.title}.xlsx"
        )
    values = {**(request.view_args or {}), **request.args, "form": "xlsx"}
    return render_template(
        "exports/paper.html", table=table, shown=shown, endpoint=request.endpoint, values=values
    )
