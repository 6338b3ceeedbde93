"""Rules as data: policy values, rubrics and directions, each with its clause and day, changed by proposal."""

import json
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from engine import policy
from engine.catalogue.directions import get_direction, list_directions
from engine.catalogue.editions import direction_versions
from engine.catalogue.spec import as_json
from engine.change import rules
from engine.change.counterfactual import counterfactual
from engine.clock import local_day
from engine.errors import KeguanError, Unusable
from engine.policy import Policy
from web.access import allow
from web.auth import me
from web.change.room import admins, admins_and_supervision, blueprint
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _

FIGURES = ("rule.rate", "rule.floor_yuan", "rule.cap_yuan", "rule.cap_share_of_total_investment")
NUMBERS = (
    "quota",
    "min_total_investment_yuan",
    "self_raised_ratio_min",
    "duration_max_years",
    "duration_exact_years",
)
LISTS = ("eligibility", "indicators")


@blueprint.get("/rules")
@allow(admins_and_supervision)
def rule_list() -> ResponseReturnValue:
    """Every value in force, with the clause it rests on and since when."""
    words = request.args.get("words", "").strip()
    found = _in_force(local_day(now()))
    shown = [one for one in found if words.lower() in f"{one.key} {one.title} {one.clause}".lower()]
    return render_template(
        "change/rules.html", policies=shown, words=words, directions=list_directions(session())
    )


@blueprint.get("/rules/<key>")
@allow(admins_and_supervision)
def rule(key: str) -> ResponseReturnValue:
    """One value: its versions, and the form that proposes another."""
    return _rule_page(key)


@blueprint.post("/rules/<key>")
@allow(admins)
def propose_rule(key: str) -> ResponseReturnValue:
    """Propose another value from a day on."""
    standing = policy.version_in_force(session(), key, local_day(now()))
    try:
        proposal = rules.propose_policy(
            session(),
            key,
            value_from(request.form, standing.value),
            effective_from=day_from(request.form.get("effective_from", "")),
            clause=request.form.get("clause", ""),
            note=request.form.get("note", ""),
            actor=me(),
            now=now(),
        )
    except KeguanError as refusal:
        return _rule_page(key, refusal.reasons), status_of(refusal)
    flash(_("已提交，等待另一位管理员批准。"))
    return redirect(url_for("change.proposal", number=proposal.id))


@blueprint.get("/rules/directions/<code>")
@allow(admins_and_supervision)
def direction(code: str) -> ResponseReturnValue:
    """One direction's rules, and what edited ones would do to the live cases (反事实测算)."""
    return _direction_page(code, request.args)


@blueprint.post("/rules/directions/<code>")
@allow(admins)
def propose_direction(code: str) -> ResponseReturnValue:
    """Propose other rules for a direction."""
    try:
        proposal = rules.propose_direction(
            session(),
            code,
            changes_from(request.form, as_json(get_direction(session(), code))),
            effective_from=day_from(request.form.get("effective_from", "")),
            clause=request.form.get("clause", ""),
            note=request.form.get("note", ""),
            actor=me(),
            now=now(),
        )
    except KeguanError as refusal:
        return _direction_page(code, request.form, refusal.reasons), status_of(refusal)
    flash(_("已提交，等待另一位管理员批准。"))
    return redirect(url_for("change.proposal", number=proposal.id))


def _in_force(day: date) -> list[Policy]:
    keys = policy.values(session(), day)
    return sorted(
        (policy.version_in_force(session(), key, day) for key in keys), key=lambda one: (one.unit, one.key)
    )


def _rule_page(key: str, problems: list[str] | None = None) -> str:
    standing = policy.version_in_force(session(), key, local_day(now()))
    return render_template(
        "change/rule.html",
        standing=standing,
        versions=policy.versions(session(), key),
        problems=problems,
        today=local_day(now()),
    )


def _direction_page(code: str, given: MultiDict[str, str], problems: list[str] | None = None) -> str:
    spec = get_direction(session(), code)
    data, outcome = as_json(spec), None
    problems = problems or []
    try:
        changes = changes_from(given, data)
        outcome = counterfactual(session(), code, changes, now=now()) if changes else None
    except KeguanError as refusal:
        problems = problems or refusal.reasons
    return render_template(
        "change/direction.html",
        spec=spec,
        fields=[
            (name, _field_word(name), given.get(name, _shown(data, name))) for name in (*FIGURES, *NUMBERS)
        ],
        lists=[(name, _field_word(name), given.get(name, _json(data[name]))) for name in LISTS],
        outcome=outcome,
        problems=problems,
        versions=direction_versions(session(), code),
        given=given,
        today=local_day(now()),
    )


def changes_from(given: MultiDict[str, str], data: dict[str, Any]) -> dict[str, Any]:
    """Only the fields that differ from the direction as it is."""
    changes: dict[str, Any] = {}
    for name in (*FIGURES, *NUMBERS):
        text = given.get(name, _shown(data, name)).strip()
        if text != _shown(data, name):
            group, _dot, field = name.rpartition(".")
            target = changes.setdefault(group, {}) if group else changes
            target[field] = _number(name, text)
    for name in LISTS:
        if name in given and given[name].split() != _json(data[name]).split():
            changes[name] = _read_json(given[name], name)
    return changes


def value_from(given: MultiDict[str, str], standing: Any) -> Any:
    """A policy's new value as its form gives it, of the kind the standing one has."""
    if isinstance(standing, dict) and "dimensions" in standing:
        return standing | {"dimensions": _dimensions(given)}
    text = given.get("value", "").strip()
    if isinstance(standing, bool):
        return text == "yes"
    if isinstance(standing, str):
        return text
    return _read_json(text, _("新值"))


def _dimensions(given: MultiDict[str, str]) -> list[dict[str, Any]]:
    columns = [given.getlist(f"dimension.{name}") for name in ("key", "title", "title_en", "weight")]
    rows = [
        dict(zip(("key", "title", "title_en", "weight"), row, strict=True))
        for row in zip(*columns, strict=True)
    ]
    return [row | {"weight": _whole(row["weight"])} for row in rows if row["key"].strip()]


def day_from(text: str) -> date:
    """What a date field holds."""
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Unusable(_("请填写生效日期，如 2026-12-01。")) from problem


def _number(name: str, text: str) -> Any:
    """Empty is "not stated"; rates and shares stay as written, counts and yuan are whole numbers."""
    if not text:
        return None
    return (
        text
        if name in {"rule.rate", "rule.cap_share_of_total_investment", "self_raised_ratio_min"}
        else _whole(text)
    )


def _whole(text: str) -> int:
    if not text.strip().isdecimal():
        raise Unusable(_("“%(text)s”应为整数。", text=text[:40]))
    return int(text)


def _read_json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as problem:
        raise Unusable(_("“%(name)s”的写法不对：%(why)s。", name=name, why=str(problem)[:80])) from problem


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _shown(data: dict[str, Any], name: str) -> str:
    value: Any = data
    for part in name.split("."):
        value = value[part]
    return "" if value is None else str(value)


def _field_word(name: str) -> str:
    words = {
        "rule.rate": _("补助比例（0.2 即 20%）"),
        "rule.floor_yuan": _("下限（元）"),
        "rule.cap_yuan": _("上限（元）"),
        "rule.cap_share_of_total_investment": _("不超过总投入的比例"),
        "quota": _("立项名额"),
        "min_total_investment_yuan": _("总投入下限（元）"),
        "self_raised_ratio_min": _("自筹与财政之比下限"),
        "duration_max_years": _("最长实施年限"),
        "duration_exact_years": _("实施年限"),
        "eligibility": _("申报条件"),
        "indicators": _("考核指标"),
    }
    return words[name]
