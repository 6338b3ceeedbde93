"""Users (用户): the list, making one, changing one, a new password shown once."""

import json
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Text, cast, or_
from sqlmodel import Session, col, func, select

from engine.errors import KeguanError, Refused, Unusable
from engine.people import tokens, users
from engine.people.models import Account, ApiToken, Organization
from engine.people.users import Particulars
from engine.vocabulary import Role
from web.access import admins, allow
from web.addresses import is_number
from web.auth import me
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _

blueprint = Blueprint("users", __name__, url_prefix="/admin/users")
PAGE = 50


@dataclass(frozen=True)
class Listed:
    """A page of users."""

    rows: list[tuple[Account, Organization | None]]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


@blueprint.get("")
@allow(admins)
def index() -> ResponseReturnValue:
    """Everybody who can log in, narrowed by role, state or words."""
    return render_template("admin/users.html", listed=_listed(session()), wanted=request.args)


@blueprint.get("/new")
@allow(admins)
def new() -> ResponseReturnValue:
    """The empty form."""
    return _form(None)


@blueprint.post("/new")
@allow(admins)
def create() -> ResponseReturnValue:
    """Make a user with a password shown once."""
    password = users.made_password()
    try:
        account = users.create_user(
            session(),
            request.form.get("login", "").strip(),
            _particulars(),
            password_hash=users.hash_made_password(password),
            actor=me(),
            now=now(),
        )
    except (Unusable, Refused) as refusal:
        return _again(None, refusal)
    return render_template("admin/user_password.html", account=account, password=password, fresh=True)


@blueprint.get("/<int:account_id>")
@allow(admins)
def detail(account_id: int) -> ResponseReturnValue:
    """One user's particulars."""
    return _form(users.get_user(session(), account_id))


@blueprint.post("/<int:account_id>")
@allow(admins)
def change(account_id: int) -> ResponseReturnValue:
    """Change a user; disabling keeps everything they did."""
    active = request.form.get("active") == "yes"
    try:
        account = users.change_user(
            session(), account_id, _particulars(), active=active, actor=me(), now=now()
        )
    except (Unusable, Refused) as refusal:
        session().rollback()
        return _again(users.get_user(session(), account_id), refusal)
    flash(_("已保存 %(login)s。", login=account.login))
    return redirect(url_for("users.index"))


@blueprint.post("/<int:account_id>/password")
@allow(admins)
def reset(account_id: int) -> ResponseReturnValue:
    """A new password, shown once."""
    password = users.reset_password(session(), account_id, actor=me(), now=now())
    account = users.get_user(session(), account_id)
    return render_template("admin/user_password.html", account=account, password=password, fresh=False)


@blueprint.post("/<int:account_id>/tokens/<int:token_id>/revocation")
@allow(admins)
def revoke(account_id: int, token_id: int) -> ResponseReturnValue:
    """Make somebody's access token stop working."""
    tokens.revoke_token(session(), token_id, actor=me(), now=now())
    flash(_("令牌已撤销。"))
    return redirect(url_for("users.detail", account_id=account_id))


def _listed(opened: Session) -> Listed:
    words, page = request.args.get("words", "").strip(), request.args.get("page", "1")
    if not is_number(page) or not int(page):
        raise Unusable(_("没有第“%(page)s”页；请从页面下方翻页。", page=page[:20]))
    statement = select(Account, Organization).outerjoin(
        Organization, col(Organization.id) == Account.organization_id
    )
    if words:
        fields = (col(Account.login), col(Account.name), col(Organization.name))
        statement = statement.where(or_(*(field.contains(words, autoescape=True) for field in fields)))
    if request.args.get("active"):
        statement = statement.where(col(Account.active).is_(request.args["active"] == "yes"))
    if role := request.args.get("role"):
        # the roles are a JSON list of keys: a key stands in it between its quotes
        statement = statement.where(
            cast(col(Account.roles), Text).contains(json.dumps(role), autoescape=True)
        )
    total = opened.exec(select(func.count()).select_from(statement.subquery())).one()
    shown = statement.order_by(col(Account.id)).offset((int(page) - 1) * PAGE).limit(PAGE)
    return Listed(list(opened.exec(shown)), total, int(page))


def _particulars() -> Particulars:
    form = request.form
    unit = form.get("organization", "")
    more = [role.strip() for role in form.get("more_roles", "").split("、") if role.strip()]
    return Particulars(
        name=form.get("name", ""),
        roles=tuple(dict.fromkeys([*form.getlist("roles"), *more])),
        organization_id=int(unit) if is_number(unit) else None,
        email=form.get("email", ""),
    )


def _again(account: Account | None, refusal: KeguanError) -> ResponseReturnValue:
    return _form(account, refusal.reasons), status_of(refusal)


def _form(account: Account | None, problems: list[str] | None = None) -> str:
    known = {role.value for role in Role}
    given = _particulars() if problems else _present(account)
    tokens_of = select(ApiToken).where(ApiToken.account_id == (account.id if account else 0))
    return render_template(
        "admin/user.html",
        account=account,
        given=given,
        login=request.form.get("login", ""),
        active=request.form.get("active") == "yes" if problems else account is None or account.active,
        more_roles="、".join(role for role in given.roles if role not in known),
        problems=problems,
        units=session().exec(select(Organization).order_by(col(Organization.name))).all(),
        tokens=session().exec(tokens_of.order_by(col(ApiToken.id).desc())).all(),
    )


def _present(account: Account | None) -> Particulars:
    if account is None:
        return Particulars("", ())
    return Particulars(account.name, tuple(account.roles), account.organization_id, account.email)
