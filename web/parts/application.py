"""The application as it was last submitted, told field by field for those who judge it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from engine.cases.models import CaseFile
from engine.catalogue.facts import ApplicationFacts
from engine.catalogue.spec import DirectionSpec
from engine.catalogue.wording import figure_title
from web.forms.building import label_of
from web.forms.words import option_label
from web.language import translate as _

Stated = tuple[str, str]
"""What a field is called, and what was stated."""


def stated(case: CaseFile, direction: DirectionSpec) -> list[Stated]:
    """Everything the unit stated, in the form's order; empty before the first submission."""
    if not case.facts:
        return []
    own = {"leader_name": _("项目负责人"), "abstract": _("项目摘要"), "domain": _("学科代码")}
    told = [(title, str(case.facts[name])) for name, title in own.items() if case.facts.get(name)]
    if team := case.facts.get("team"):
        told.append((_("项目组成员"), "；".join(map(_member, team))))
    return [*told, *_fields(ApplicationFacts, case.facts), *_figures(case, direction)]


def _member(one: dict[str, Any]) -> str:
    more = [str(one[name]) for name in ("unit", "birth_year", "duty") if one.get(name)]
    return str(one["name"]) + (f"（{'，'.join(more)}）" if more else "")


def _fields(model: type[BaseModel], values: dict[str, Any]) -> Iterator[Stated]:
    for name, info in model.model_fields.items():
        value = values.get(name)
        if name == "indicators" or value in (None, ""):
            continue
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _fields(info.annotation, value)
        else:
            yield label_of(name, info), f"{Decimal(value):,}" if name.endswith("_yuan") else _words(value)


def _figures(case: CaseFile, direction: DirectionSpec) -> Iterator[Stated]:
    for key, value in (case.facts.get("indicators") or {}).items():
        counted = isinstance(value, int) and not isinstance(value, bool)
        yield figure_title(direction.indicators, key), f"{value:,}" if counted else _words(value)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict):
        return " ".join(_words(part) for part in value.values() if part != "")
    if isinstance(value, list | tuple):
        return "、".join(_words(part) for part in value) or _("无")
    return option_label(str(value))
