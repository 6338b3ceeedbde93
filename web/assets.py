"""The bundles `make setup` builds, addressed with their content's hash so that a browser may keep them."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

from engine.errors import NotFound
from web import access

BUILD = Path(__file__).parent / "static" / "build"


def install(app: Flask) -> None:
    """Give templates `asset("page.js")`."""
    access.declare(app.view_functions["static"], access.anyone)
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep)


def asset(name: str) -> str:
    """The address of a built file."""
    return url_for("static", filename=f"build/{name}", v=_version(name))


@cache
def _version(name: str) -> str:
    path = BUILD / name
    if not path.exists():
        raise NotFound(f"缺少前端文件 {name}；请先运行 make setup 构建前端。")
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
