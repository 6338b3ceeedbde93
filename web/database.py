"""One session a request: a reading one for GET, a writing one otherwise, committed once if all went well."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, g, request
from sqlalchemy import Engine
from sqlmodel import Session

from engine.jobs.sweep import sweep
from web.clock import now

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
View = Callable[..., Any]
_only_reading: set[View] = set()


def only_reads(view: View) -> View:
    """The decorator of a view that is sent a form and changes nothing: it never holds the writer."""
    _only_reading.add(view)
    return view


def install(app: Flask, engine: Engine) -> None:
    """Bind the application to a database."""
    app.extensions["keguan_engine"] = engine
    app.after_request(_commit)
    app.teardown_request(_close)


def session() -> Session:
    """The request's session, opened when first asked for. A reading one never holds SQLite's only writer."""
    if "session" not in g:
        engine: Engine = current_app.extensions["keguan_engine"]
        bound = engine.execution_options(read_only=True) if _reads() else engine
        g.session = Session(bound, expire_on_commit=False)
    opened: Session = g.session
    return opened


def _reads() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in SAFE_METHODS or view in _only_reading


def _commit(response: Response) -> Response:
    """All of a move lands or nothing does: a refused request leaves nothing behind."""
    if "session" in g and not _reads() and response.status_code < 400:
        g.session.commit()
        # What this move told other processes reaches them before the next page is asked for.
        sweep(current_app.extensions["keguan_engine"], now())
    return response


def _close(_problem: BaseException | None) -> None:
    opened: Session | None = g.pop("session", None)
    if opened is not None:
        opened.close()
