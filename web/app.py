"""The thin web on the engine: one application object, put together here and nowhere else."""

import gc
from collections.abc import Sequence

from flask import Flask
from flask_wtf import CSRFProtect
from sqlalchemy import Engine

from engine import vocabulary
from engine.clock import Clock, SystemClock
from web import (
    access,
    assets,
    auth,
    characters,
    database,
    errors,
    formatting,
    headers,
    home,
    language,
    navigation,
    preferences,
)
from web import clock as clocks
from web.account import notices
from web.account import views as account
from web.addresses import RowNumber
from web.admin import imports, users, webhooks
from web.api import asking, document, rest, together, work
from web.api import calls as api
from web.api import cases as api_cases
from web.api import draws as api_draws
from web.applicant import recommending, unit
from web.applicant import views as applicant
from web.cases import files, mending, paper, remarks, sides
from web.cases import views as cases
from web.catalogue import views as catalogue
from web.change import views as change
from web.dashboards import views as dashboards
from web.expert import views as expert
from web.exports import letters
from web.exports import views as exports
from web.guide import views as guide
from web.money import views as budget
from web.officer import bulk, saved
from web.officer import cases as case_list
from web.officer import views as officer
from web.procedures import views as procedures
from web.rounds import draw_views as draws
from web.rounds import views as rounds
from web.settings import Settings

API = (api_cases, work, together, asking, rest, api_draws, document)
"""Imported for the operations they declare."""

BLUEPRINTS = (
    home.blueprint,
    auth.blueprint,
    preferences.blueprint,
    officer.blueprint,
    bulk.blueprint,
    saved.blueprint,
    case_list.blueprint,
    dashboards.blueprint,
    cases.blueprint,
    sides.blueprint,
    files.blueprint,
    remarks.blueprint,
    mending.blueprint,
    paper.blueprint,
    letters.blueprint,
    budget.blueprint,
    rounds.blueprint,
    draws.blueprint,
    expert.blueprint,
    applicant.blueprint,
    unit.blueprint,
    recommending.blueprint,
    catalogue.blueprint,
    guide.blueprint,
    procedures.blueprint,
    change.blueprint,
    api.blueprint,
    account.blueprint,
    users.blueprint,
    imports.blueprint,
    notices.blueprint,
    webhooks.blueprint,
    exports.blueprint,
)


def create_app(
    engine: Engine,
    settings: Settings,
    *,
    demo: Sequence[auth.DemoAccount] = (),
    clock: Clock | None = None,
) -> Flask:
    """The WSGI application on a migrated database; `demo` are accounts to show on the sign-in page."""
    app = Flask("web")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="keguan",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=settings.session_lifetime,
        MAX_CONTENT_LENGTH=settings.largest_request,
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open all day; the token lives as long as the session
        WTF_CSRF_SSL_STRICT=settings.https,
        WEBHOOK_HOSTS=settings.webhook_hosts,
    )
    app.url_map.converters["int"] = RowNumber
    clocks.install(app, clock or SystemClock())
    database.install(app, engine)
    files.install(app, settings.attachments)
    CSRFProtect(app).exempt(api.blueprint)  # its routes take a token and never a cookie
    language.install(app)
    auth.install(app, demo)
    access.install(app)
    characters.install(app)
    errors.install(app)
    headers.install(app)
    formatting.install(app)
    assets.install(app)
    navigation.install(app)
    notices.install(app)
    app.jinja_env.globals["words"] = vocabulary
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def settle() -> None:
    """Say that what is loaded by now stays as long as the server runs.

    Python's full collections then pass over it: walking it would hold up whichever request they meet by 0.1 s.
    """
    gc.collect()
    gc.freeze()
