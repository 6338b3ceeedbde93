"""Who may open which address: every view declares a rule, and a view without one is a bug the tests find.

A rule is about the route only ("an officer's page"). What somebody may do with one case is decided by the
predicates of `engine.people.permissions`, inside the verbs and queries, so that no page can forget it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.errors import Forbidden
from engine.vocabulary import Role
from web.language import translate as _

View = Callable[..., Any]


@dataclass(frozen=True)
class Rule:
    """`roles` None means anybody signed in; `public` also lets in those who are not."""

    name: str
    roles: frozenset[Role] | None = None
    public: bool = False

    def admits(self, roles: list[str]) -> bool:
        """Whether somebody with these roles may open the page."""
        return self.roles is None or not self.roles.isdisjoint(roles)


anyone = Rule("anyone", public=True)
signed_in = Rule("signed_in")

OFFICERS = frozenset(
    {Role.INTAKE, Role.PROGRAMME, Role.PLANNING, Role.DRAWING, Role.APPROVER, Role.FINANCE, Role.ADMIN}
)
officers = Rule("officers", OFFICERS | {Role.SUPERVISION})
admins = Rule("admins", frozenset({Role.ADMIN}))
applicants = Rule("applicants", frozenset({Role.APPLICANT}))

_declared: dict[View, Rule] = {}


def declare(view: View, rule: Rule) -> View:
    """Give a view its rule."""
    _declared[view] = rule
    return view


def allow(rule: Rule) -> Callable[[View], View]:
    """The decorator under a route: `@blueprint.get("/inbox")`, `@allow(signed_in)`."""
    return lambda view: declare(view, rule)


def rule_of(view: View) -> Rule | None:
    """The rule a view declared."""
    return _declared.get(view)


def install(app: Flask) -> None:
    """Check the rule before every view."""
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    rule = rule_of(current_app.view_functions[request.endpoint])
    if rule is None:
        raise LookupError(f"the view {request.endpoint} declares no access rule")
    if rule.public:
        return None
    if not current_user.is_authenticated:
        return redirect(url_for("auth.sign_in", next=_return_address()))
    if not rule.admits(current_user.account.roles):
        raise Forbidden(_("您的岗位不能打开这个页面；如需办理，请联系管理员调整岗位。"))
    return None


def _return_address() -> str | None:
    """Only a page that was asked for by GET can be returned to."""
    return request.full_path.rstrip("?") if request.method == "GET" else None
