"""A problem as the API says it: JSON in the one form every error has, wherever it came up."""

import json
from typing import Any

from flask import Response, request

PREFIX = "/api/v1"
"""What every address of the API begins with."""


def is_call() -> bool:
    """Whether the request is for the API, so that a wrong address or a bug is answered in JSON too."""
    return request.path == PREFIX or request.path.startswith(f"{PREFIX}/")


def problem(status: int, code: str, message: str, reasons: list[str] | None = None) -> Response:
    """The one form every error has."""
    reply = json_reply({"error": {"code": code, "message": message, "reasons": reasons or [message]}}, status)
    if status == 401:
        reply.headers["WWW-Authenticate"] = 'Bearer realm="keguan"'
    return reply


def json_reply(body: Any, status: int) -> Response:
    """JSON in which Chinese stays readable."""
    return Response(
        json.dumps(body, ensure_ascii=False), status, content_type="application/json; charset=utf-8"
    )
