"""My account (我的账号): the password, the address notices go to, and tokens for programs."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from sqlmodel import col, select

from engine.errors import Forbidden, KeguanError, Refused, Unusable
from engine.people import tokens, users
from engine.people.models import ApiToken
from web.access import allow, signed_in
from web.auth import SignedIn, me
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
@allow(signed_in)
def index() -> ResponseReturnValue:
    """What one may change about oneself."""
    return _page()


@blueprint.post("/password")
@allow(signed_in)
def password() -> ResponseReturnValue:
    """Choose another password; other sessions of this account end."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _again(Unusable("两次输入的新密码不一致；请重新输入。"))
    try:
        users.change_own_password(session(), me(), old, new, now=now())
    except (Unusable, Refused, Forbidden) as refusal:
        return _again(refusal)
    login_user(SignedIn(me()))
    flash(_("密码已修改。"))
    return redirect(url_for("account.index"))


@blueprint.post("/email")
@allow(signed_in)
def email() -> ResponseReturnValue:
    """Where notices go besides the screen."""
    try:
        users.change_own_email(session(), me(), request.form.get("email", ""), now=now())
    except Unusable as refusal:
        return _again(refusal)
    flash(_("邮箱已保存。"))
    return redirect(url_for("account.index"))


@blueprint.post("/tokens")
@allow(signed_in)
def make() -> ResponseReturnValue:
    """A new access token, shown once."""
    try:
        row, token = tokens.make_token(
            session(), me(), request.form.get("name", ""), actor=me(), now=now(), expires_on=_day()
        )
    except (Unusable, Refused) as refusal:
        return _again(refusal)
    return render_template("account/token.html", row=row, token=token)


@blueprint.post("/tokens/<int:token_id>/revocation")
@allow(signed_in)
def revoke(token_id: int) -> ResponseReturnValue:
    """Make one's own token stop working."""
    tokens.revoke_token(session(), token_id, actor=me(), now=now())
    flash(_("令牌已撤销。"))
    return redirect(url_for("account.index"))


def _day() -> date | None:
    text = request.form.get("expires_on", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Unusable("到期日应为日期，例如 2026-12-31。") from error


def _again(refusal: KeguanError) -> ResponseReturnValue:
    session().rollback()
    return _page(refusal.reasons), status_of(refusal)


def _page(problems: list[str] | None = None) -> str:
    mine = select(ApiToken).where(ApiToken.account_id == me().id).order_by(col(ApiToken.id).desc())
    return render_template("account/index.html", problems=problems, tokens=session().exec(mine).all())
