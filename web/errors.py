"""Refusals become pages: the sentence, what to do, and the right status. Nobody ever sees a trace."""

import logging
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.errors import Conflict, Forbidden, KeguanError, NotFound, Refused, Unusable
from web.addresses import local_address
from web.language import translate as _
from web.problems import is_call, problem

STATUS: dict[type[KeguanError], int] = {
    Refused: 409,
    Conflict: 409,
    Forbidden: 403,
    NotFound: 404,
    Unusable: 400,
}

OUTSIDE_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 500: "internal"}
"""What the API calls a problem that never reached one of its operations, and a bug."""

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Register one handler for each family of errors."""
    app.register_error_handler(KeguanError, _refusal)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def status_of(error: KeguanError) -> int:
    """The HTTP status of a refusal."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def _refusal(error: KeguanError) -> ResponseReturnValue:
    return _page(status_of(error), error.message, error.reasons)


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    return _page(400, _("这个表单已失效（登录状态变了或页面打开太久）；请返回、刷新页面后重新提交。"))


def _http(error: HTTPException) -> ResponseReturnValue:
    sentences = {
        404: _("没有这个页面；请检查地址，或从上方导航进入。"),
        405: _("这个地址不接受这种操作；请从页面上的按钮办理。"),
        413: _("提交的内容太大；请缩短文字或减小附件后重试。"),
    }
    status = error.code or 500
    if status in {301, 302, 307, 308}:
        return error.get_response()
    return _page(status, sentences.get(status) or error.description or error.name)


def _bug(error: Exception) -> ResponseReturnValue:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _page(500, _("系统出错了，您的操作没有保存。请稍后再试；若仍出错，请把时间和页面告诉管理员。"))


def _page(status: int, message: str, reasons: list[str] | None = None) -> ResponseReturnValue:
    if is_call():
        return problem(status, OUTSIDE_CODES.get(status, "error"), message, reasons)
    more = [reason for reason in reasons or [] if reason != message]
    return render_template(
        "error.html", status=status, message=message, reasons=more, back=_came_from()
    ), status


def _came_from() -> str:
    """The page a refused form stood on, if it was one of this site's."""
    parts = urlsplit(request.referrer or "")
    ours = request.method == "POST" and parts.netloc == request.host
    return local_address(urlunsplit(("", "", *parts[2:])), "") if ours else ""
