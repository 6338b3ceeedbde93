"""Logging in and out. Passwords are checked by the people room; here are the session and its guard."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from engine.errors import Forbidden
from engine.people import accounts
from engine.people.models import Account
from engine.vocabulary import Role
from web import throttle
from web.access import allow, anyone, signed_in
from web.addresses import local_address
from web.database import session

blueprint = Blueprint("auth", __name__)


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo world, shown with its password beside the form."""

    role: Role
    login: str
    name: str
    password: str


@dataclass
class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """Flask-Login's view of an account."""

    account: Account

    def get_id(self) -> str:
        """What the session cookie names: the account, and the password it was entered with."""
        return f"{self.account.id}.{_password_mark(self.account)}"


def install(app: Flask, demo: Sequence[DemoAccount]) -> None:
    """Let Flask-Login find the account of a session; an account closed meanwhile is signed out."""
    app.extensions["keguan_demo"] = demo
    manager = LoginManager(app)
    manager.session_protection = "strong"
    manager.user_loader(_load)
    app.context_processor(lambda: {"me": me() if current_user.is_authenticated else None})


def me() -> Account:
    """The account of this request; only for views that require somebody signed in."""
    account: Account = current_user.account
    return account


def _load(key: str) -> SignedIn | None:
    number, _dot, mark = key.partition(".")
    account = session().get(Account, int(number))
    known = account is not None and account.active and mark == _password_mark(account)
    return SignedIn(account) if account is not None and known else None


def _password_mark(account: Account) -> str:
    """Tells one password from the next without telling it: a new password ends every older session."""
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]


@blueprint.get("/sign-in")
@allow(anyone)
def sign_in() -> ResponseReturnValue:
    """The form, with the demo accounts beside it where the demo world is loaded."""
    return _form()


@blueprint.post("/sign-in")
@allow(anyone)
def enter() -> ResponseReturnValue:
    """Check login and password; too many failures make the next ones wait."""
    login, source = request.form.get("login", ""), request.remote_addr or ""
    throttle.check(login, source)
    try:
        account = accounts.authenticate(session(), login, request.form.get("password", ""))
    except Forbidden as refusal:
        throttle.failed(login, source)
        return _form(login, refusal.message), 403
    throttle.succeeded(login, source)
    login_user(SignedIn(account))
    return redirect(local_address(request.form.get("next")))


@blueprint.post("/sign-out")
@allow(signed_in)
def leave() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    return redirect("/sign-in")


def _form(login: str = "", problem: str | None = None) -> str:
    wanted = local_address(request.values.get("next"))
    demo = current_app.extensions["keguan_demo"]
    return render_template("sign_in.html", login=login, problem=problem, next=wanted, demo=demo)
