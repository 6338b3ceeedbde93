"""The facts money is decided from (资金事实), parsed strictly at the edge.

A fact is stated or left out; nothing is guessed for one that is missing.
"""

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from engine.errors import Unusable
from engine.money.amounts import read_number, read_yuan

Stage = Literal["application", "establishment", "payment"]
Acceptance = Literal["passed", "failed", "terminated", "pending"]
Verdict = Literal["passed", "failed", "pending"]
MOST_CHARACTERS = 200_000
"""Facts are a page of numbers; more than this is not one."""


def _position(value: object) -> int:
    number = read_number(value)
    if number != int(number) or number < 1:
        raise ValueError("应为从 1 起的整数")
    return int(number)


Yuan = Annotated[Decimal, BeforeValidator(read_yuan)]
Percent = Annotated[Decimal, BeforeValidator(read_number)]
Position = Annotated[int, BeforeValidator(_position)]


class MoneyFacts(BaseModel):
    """What is known about one case's money. Amounts are yuan, exact to the fen; `None` means not stated.

    `requested` is asked for (申请额), `approved` fixed at establishment (立项额), `already_paid` paid out.
    `self_raised_planned` is the self-raised money committed (承诺自筹); `self_raised` is what the application
    declares or, beside a commitment, what is in place; `verified_self_raised` is the figure in the acceptance
    certificate (核定), and `self_raised_from_fiscal` the part that came from public money. `total_investment`
    is planned, `total_investment_verified` the final verified figure. `ai_compute_contracted` is agreed,
    `ai_compute_paid` really paid, and `cooperation_due` and `cooperation_paid` the same for a cooperation
    contract. `tranche_percent` are the task-book's shares, `milestones` the verdicts node by node, and
    `pay_tranche` counts from 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    requested: Yuan | None = None
    approved: Yuan | None = None
    self_raised: Yuan | None = None
    self_raised_planned: Yuan | None = None
    self_raised_from_fiscal: Yuan | None = None
    verified_self_raised: Yuan | None = None
    total_investment: Yuan | None = None
    total_investment_verified: Yuan | None = None
    ai_compute_contracted: Yuan | None = None
    ai_compute_paid: Yuan | None = None
    cooperation_due: Yuan | None = None
    cooperation_paid: Yuan | None = None
    already_paid: Yuan | None = None
    acceptance: Acceptance | None = None
    tranche_percent: list[Percent] | None = None
    milestones: list[Verdict] | None = None
    pay_tranche: Position | None = None


NAMES = tuple(MoneyFacts.model_fields)
CHOICES = {"acceptance": "passed、failed、terminated、pending", "milestones": "passed、failed、pending"}


def read_facts(text: str) -> MoneyFacts:
    """Facts from JSON text: one object, decimals read exactly. `Unusable` with one sentence otherwise."""
    if len(text) > MOST_CHARACTERS:
        raise Unusable(f"资金事实过长：最多 {MOST_CHARACTERS} 个字符，请只填写一个 JSON 对象。")
    try:
        found = json.loads(
            text, parse_float=_decimal, parse_constant=_refuse_constant, object_pairs_hook=_no_repeats
        )
    except RecursionError:
        raise Unusable("资金事实的 JSON 嵌套过深：请只填写一层的 JSON 对象。") from None
    except ValueError as error:
        raise Unusable(f"资金事实不是有效的 JSON:{_one_line(str(error))}。") from error
    if not isinstance(found, dict):
        raise Unusable('资金事实应为一个 JSON 对象，例如 {"requested": 200000}。')
    return check_facts(found)


def check_facts(stated: Mapping[str, Any]) -> MoneyFacts:
    """Facts from a mapping of plain values. `Unusable` names every unreadable fact and what is wrong."""
    unknown = [str(name) for name in stated if name not in NAMES]
    if unknown:
        raise Unusable("；".join(_unknown(name) for name in unknown[:5]) + "。")
    nulls = [name for name, value in stated.items() if value is None]
    if nulls:
        raise Unusable(f"{'、'.join(nulls)} 不能是 null：未知的事实请不要填写。")
    try:
        return MoneyFacts.model_validate(dict(stated))
    except ValidationError as error:
        reasons = [_reason(found["loc"], found["type"], found["msg"]) for found in error.errors()]
        raise Unusable("；".join(reasons[:5]) + "。", reasons) from error


def _reason(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = str(place[0]) + "".join(f"[{part}]" for part in place[1:] if isinstance(part, int))
    if kind == "value_error":
        return f"{name} {message.removeprefix('Value error, ')}"
    if kind == "literal_error":
        return f"{name} 只能是 {CHOICES[str(place[0])]} 之一"
    return f"{name} 应为列表" if kind == "list_type" else f"{name} 无法读取({message})"


def _unknown(name: str) -> str:
    near = get_close_matches(name[:80], NAMES, n=1, cutoff=0.5)
    hint = f"是否想填 {near[0]}?" if near else f"可用的有 {'、'.join(NAMES)}"
    return f"没有名为 {_one_line(name)} 的事实，{hint}"


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"无法读取数字 {_one_line(digits)}") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"不接受 {name}，金额应为有限的数字")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        repeated, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"{_one_line(repeated)} 填写了不止一次")
    return found


def _one_line(text: str) -> str:
    """Somebody else's text, short enough and safe to stand inside a sentence."""
    shown = text if text.isprintable() else ascii(text)
    return shown if len(shown) <= 80 else shown[:77] + "..."
