"""What was wrong with a form that was sent: one sentence for each field, linked to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError

from engine.errors import KeguanError
from web.forms.building import label_of
from web.language import translate as _


@dataclass(frozen=True)
class Complaint:
    """One thing to put right; `name` is the field's path, None when it is about the whole form."""

    sentence: str
    name: str | None = None

    @property
    def anchor(self) -> str | None:
        """Where on the page the field is."""
        return None if self.name is None else "f-" + self.name.replace(".", "-")


@dataclass(frozen=True)
class Refusal:
    """Why a form was not accepted, and what had been entered; a `doubtful` one may be sent all the same."""

    complaints: Sequence[Complaint] = ()
    values: dict[str, object] = field(default_factory=dict)
    doubtful: bool = False

    @property
    def by_field(self) -> dict[str, str]:
        """The sentence of each field that has one."""
        return {one.name: one.sentence for one in self.complaints if one.name is not None}


def complaints(model: type[BaseModel], error: KeguanError) -> list[Complaint]:
    """The engine's sentences, each with the field it is about where the typed model found it."""
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return [Complaint(reason) for reason in error.reasons]
    problems = zip(cause.errors(), error.reasons, strict=True)
    return [_complaint(model, problem["loc"], reason) for problem, reason in problems]


def _complaint(model: type[BaseModel], loc: tuple[int | str, ...], reason: str) -> Complaint:
    path = ".".join(str(part) for part in loc)
    what = reason.partition("：")[2] or reason
    return Complaint(f"{_title(model, loc)}：{what}", path)


def _title(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """The labels on the way to the field: 项目负责人 · 出生日期; lines are counted from 1."""
    titles: list[str] = []
    current: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, int):
            titles.append(_("第 %(n)s 行", n=part + 1))
            continue
        info = current.model_fields.get(part) if current else None
        if info is None:
            continue
        titles.append(label_of(part, info))
        current = _inner(info.annotation)
    return " · ".join(titles[-3:]) or str(loc[-1] if loc else "")


def _inner(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    arguments = getattr(annotation, "__args__", ())
    return next((found for one in arguments if (found := _inner(one))), None)
