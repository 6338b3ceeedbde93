"""The shipped policy values and scoring rubrics as rows: `load_policies` adds the keys the table lacks."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from engine.policy import DEFAULT_CLAUSE, Policy, check_value

HERE = Path(__file__).parent


class Entry(BaseModel):
    """One value of `policies.toml`; without a clause it is a default of ours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    value: Any
    unit: str
    title: str
    clause: str = DEFAULT_CLAUSE
    note: str = ""


class Dimension(BaseModel):
    """What a reviewer scores, up to its weight."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    title: str
    title_en: str
    weight: int = Field(gt=0, strict=True)


class Rubric(BaseModel):
    """A score sheet (评分表) and the directions it is for, as code prefixes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    title: str
    title_en: str
    directions: list[str]
    dimensions: list[Dimension]


def policy_entries() -> list[Entry]:
    """Every shipped value, rubrics included."""
    listed = [Entry.model_validate(row) for row in _read("policies.toml")["policies"]]
    return [*listed, *_rubric_entries()]


def _rubric_entries() -> Iterator[Entry]:
    """One value per rubric, and `rubric_for`: which prefix of a direction's code is scored by which."""
    source = _read("rubrics.toml")
    rubrics = [Rubric.model_validate(row) for row in source["rubrics"]]
    for rubric in rubrics:
        content = rubric.model_dump(exclude={"key", "directions"}) | {"bands": source["bands"]}
        yield Entry(key=rubric.key, value=content, unit="rubric", title=rubric.title)
    table = {prefix: rubric.key for rubric in rubrics for prefix in rubric.directions}
    yield Entry(key="rubric_for", value=table, unit="table", title="各方向适用的评分表（方向代码前缀）")


def effective_from() -> date:
    """The day the shipped values take effect: before anything the demo world does."""
    day: date = _read("policies.toml")["effective_from"]
    return day


def load_policies(session: Session) -> int:
    """Add a first version of every shipped key the table does not have; returns how many."""
    known = set(session.exec(select(col(Policy.key)).distinct()))
    new = [entry for entry in policy_entries() if entry.key not in known]
    since = effective_from()
    for entry in new:
        check_value(entry.key, entry.value)
        is_default = entry.clause == DEFAULT_CLAUSE
        row = entry.model_dump() | {"version": 1, "effective_from": since, "is_default": is_default}
        session.add(Policy(**row))
    session.flush()
    return len(new)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text("utf-8"))
