"""Import (导入): templates to download, a file to try, and the file itself, from the browser."""

import io
from dataclasses import dataclass

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue

from engine.errors import NotFound, Unusable
from engine.people import permissions
from engine.records.first_morning import Lack, still_lacking
from engine.records.imports.runs import Setting, run_import
from engine.records.imports.sheets import KINDS
from engine.records.imports.templates import write_template
from engine.records.workbooks import CONTENT_TYPE
from engine.vocabulary import Role
from web.access import Rule, allow
from web.auth import me
from web.clock import now
from web.database import session
from web.forms.words import OPTIONS
from web.language import translate as _
from web.settings import identity_key

blueprint = Blueprint("imports", __name__, url_prefix="/admin/imports")
importers = Rule("importers", frozenset({Role.ADMIN, Role.INTAKE}))
CHINESE = {key: zh for key, (zh, _en) in OPTIONS.items()}


@dataclass(frozen=True)
class Choice:
    """A kind of import; `reason` says why this person may not do it."""

    kind: str
    title: str
    about: str
    reason: str | None


@blueprint.get("")
@allow(importers)
def index() -> ResponseReturnValue:
    """What can be imported, in the order a new bureau does it."""
    return _page()


@blueprint.get("/<kind>/template.xlsx")
@allow(importers)
def template(kind: str) -> ResponseReturnValue:
    """The workbook to fill in."""
    if kind not in KINDS:
        raise NotFound(f"没有“{kind[:40]}”这种导入模板。")
    content = io.BytesIO(write_template(kind, CHINESE))
    name = f"{KINDS[kind]}导入模板.xlsx"
    return send_file(content, mimetype=CONTENT_TYPE, as_attachment=True, download_name=name)


@blueprint.post("/<kind>")
@allow(importers)
def upload(kind: str) -> ResponseReturnValue:
    """Try a file, or bring it in: all of it, or nothing."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(problem=_("请先选择要导入的 .xlsx 文件。")), 400
    setting = Setting(CHINESE, identity_key())
    try:
        report = run_import(session(), kind, sent.read(), setting, actor=me(), now=now())
    except Unusable as refusal:
        session().rollback()
        return _page(problem=refusal.message), 400
    kept = request.form.get("act") == "import" and not report.problems
    if not kept:
        session().rollback()
    page = render_template(
        "admin/import_report.html", report=report, kept=kept, title=_titles()[kind], file=sent.filename
    )
    return page, 422 if report.problems else 200


def _page(problem: str | None = None) -> str:
    lacking = still_lacking(session(), now()) if permissions.may_administer(me()) else []
    return render_template(
        "admin/imports.html", choices=_choices(), lacking=lacking, lacks=Lack, problem=problem
    )


def _titles() -> dict[str, str]:
    return {
        "units": _("单位"),
        "experts": _("专家库"),
        "users": _("用户"),
        "applications": _("申报和存量项目"),
    }


def _choices() -> list[Choice]:
    about = {
        "units": _("申报单位、推荐单位、专家所在单位；其他各类都要用到，请最先导入。"),
        "experts": _("专家库；没有账号的自动建立，初始密码显示一次。"),
        "users": _("局内人员和各单位的账号；初始密码显示一次。"),
        "applications": _(
            "纸质申报的新项目，以及从实施或结题验收环节进入的存量项目，连同里程碑和已拨付款项。"
        ),
    }
    people, cases = permissions.may_administer(me()), permissions.may_bring_in_cases(me())
    decisions = {"units": people, "experts": people, "users": people, "applications": cases}
    return [
        Choice(kind, title, about[kind], None if decisions[kind] else _reason(decisions[kind]))
        for kind, title in _titles().items()
    ]


def _reason(decision: permissions.Decision) -> str:
    return decision.reason if isinstance(decision, permissions.Denied) else ""
