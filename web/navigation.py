"""The links in the bar: only those this person may open."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from web import access
from web.language import translate as _


@dataclass(frozen=True)
class Entry:
    """One link; `current` when the page shown lies under it."""

    title: str
    address: str
    current: bool


def install(app: Flask) -> None:
    """Give templates `navigation()`."""
    app.jinja_env.globals["navigation"] = navigation


def navigation() -> list[Entry]:
    """The bar of whoever asks."""
    pages = {
        "applicant.index": _("我的申报"),
        "recommending.index": _("推荐项目"),
        "expert.index": _("我的评审"),
        "officer.inbox": _("待办"),
        "case_list.index": _("项目"),
        "rounds.index": _("评审轮次"),
        "catalogue.index": _("申报方向"),
        "paper.index": _("代录"),
        "budget.index": _("预算"),
        "procedures.index": _("流程"),
        "dashboards.index": _("统计"),
        "change.index": _("流程变更"),
        "guide.index": _("指南"),
        "exports.index": _("打印导出"),
        "users.index": _("用户"),
        "imports.index": _("数据导入"),
        "webhooks.index": _("推送"),
    }
    return [_entry(endpoint, title) for endpoint, title in pages.items() if _may_open(endpoint)]


def _entry(endpoint: str, title: str) -> Entry:
    here = (request.endpoint or "").partition(".")[0] == endpoint.partition(".")[0]
    return Entry(title, url_for(endpoint), here)


def _may_open(endpoint: str) -> bool:
    rule = access.rule_of(current_app.view_functions[endpoint])
    if rule is None or rule.public:
        return rule is not None
    return bool(current_user.is_authenticated and rule.admits(current_user.account.roles))
