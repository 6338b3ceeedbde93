"""What a rule of the formal check finds, and the small words the rules share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.catalogue.facts import ApplicationFacts, fact_title
from engine.errors import Unusable
from engine.vocabulary import CheckVerdict

T = TypeVar("T")


class CheckPolicy(BaseModel):
    """The bureau's own limits the check needs, each a policy row; other rows are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    registration_city: str  # where a unit must be registered
    pi_open_project_cap: int = Field(ge=0)  # a leader's projects under way, before this one
    retirement_age: int = Field(gt=0)  # used when the leader's own retirement date is not given


def read_policy(policy: Mapping[str, object]) -> CheckPolicy:
    """The policy rows the check needs; raises `Unusable` naming the row that is missing or unreadable."""
    try:
        return CheckPolicy.model_validate(dict(policy))
    except ValidationError as error:
        rows = ", ".join(str(problem["loc"][0]) for problem in error.errors())
        raise Unusable(f"形式审查缺少可用的政策参数：{rows}；请管理员在政策参数中补充。") from error


@dataclass(frozen=True)
class Finding:
    """A verdict and the sentence that gives its reason."""

    verdict: CheckVerdict
    reason: str


Judge = Callable[[Any, ApplicationFacts, CheckPolicy], Finding]


@dataclass(frozen=True)
class Rule:
    """How one thing is checked: the facts it cannot do without, those it also reads, and the judge.

    The judge's first argument is what is being checked: a condition of the guide, or the whole direction.
    """

    needs: tuple[str, ...]
    judge: Judge
    also: tuple[str, ...] = ()


def met(reason: str) -> Finding:
    """符合."""
    return Finding(CheckVerdict.MET, reason)


def not_met(reason: str) -> Finding:
    """不符合."""
    return Finding(CheckVerdict.NOT_MET, reason)


def correct(reason: str) -> Finding:
    """需补正: the sentence says what to supply."""
    return Finding(CheckVerdict.TO_CORRECT, reason)


def not_applicable(reason: str) -> Finding:
    """不适用."""
    return Finding(CheckVerdict.NOT_APPLICABLE, reason)


def lacking(*paths: str) -> Finding:
    """需补正, for facts nobody gave."""
    return correct(f"请补充：{'、'.join(fact_title(path) for path in paths)}。")


def decide(holds: bool, yes: str, no: str) -> Finding:
    """符合 or 不符合, with the reason for each."""
    return met(yes) if holds else not_met(no)


def known(value: T | None) -> T:
    """A fact the rule listed among its needs, so that it is there."""
    assert value is not None, "a rule read a fact it does not list among its needs"
    return value
