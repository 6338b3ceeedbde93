"""What stands against a panel (专家组条件), sentence by sentence, recounted from the rows of the day.

A panel is those who read the same applications: in letter review the experts of one (`Posed.about`).
Used where somebody steps in and where a panel is entered by hand. It shares nothing with the solver.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import Any

from engine.people.models import ExpertKind
from engine.reviewing.posing import TITLES, Posed
from engine.vocabulary import Word
from optimizer.problem import Expert


def against(posed: Posed, accounts: Sequence[int], allowed: Sequence[int] = ()) -> list[str]:
    """Everything against these experts as the group's panel, one sentence each; empty when clear.

    `allowed` are members who sit already: what only keeps others from being asked again does not touch them.
    """
    chosen = list(dict.fromkeys(accounts))
    judges = {int(one.id): one for one in posed.judges}
    found = [f"账号 {one} 不在专家库" for one in chosen if one not in judges]
    seated = [judges[one] for one in chosen if one in judges]
    if not posed.terms.seats <= len(chosen) <= posed.terms.most:
        found.append(f"专家组应为 {posed.terms.seats} 至 {posed.terms.most} 人，现有 {len(chosen)} 人")
    for one in seated:
        found += personal(posed, one, known=int(one.id) in allowed)
    return found + together(posed, seated)


def personal(posed: Posed, one: Expert, *, known: bool = False) -> list[str]:
    """What stands against one expert for this group: hard conflicts with their evidence, and turns used up."""
    who = int(one.id)
    hits = [
        (TITLES.get(hit.rule, hit.rule), hit.evidence)
        for case in posed.cases
        for hit in posed.found.why(case.id or 0, who)
        if hit.force in posed.barring
    ]
    if not known:
        hits += [(TITLES[hit.rule], hit.evidence) for hit in posed.extra if hit.account_id == who]
        if one.cap < 1:
            hits.append((TITLES["R17"], f"{posed.names[who]}本年已评审 {posed.turns[who]} 次，达到上限"))
    return [f"{posed.names[who]}应当回避或不能参加（{title}）：{why}" for title, why in dict.fromkeys(hits)]


def together(posed: Posed, seated: Sequence[Expert]) -> list[str]:
    """Composition, units, outside share and field of the experts as one panel."""
    panel, found = posed.terms.panel, []
    roles = Counter(role for one in seated for role in one.roles)
    for rule in panel["composition"]:
        word = _word(ExpertKind, rule["role"])
        if roles[rule["role"]] < rule.get("least", 0):
            found.append(f"{word}专家应不少于 {rule['least']} 人，现有 {roles[rule['role']]} 人")
        if rule.get("most") is not None and roles[rule["role"]] > rule["most"]:
            found.append(f"{word}专家应不多于 {rule['most']} 人，现有 {roles[rule['role']]} 人")
    units = Counter(unit for one in seated for unit in one.units)
    for unit, count in units.items():
        if count > panel["unit_cap"]:
            name = posed.found.ground.units.name(unit)
            found.append(f"{name}有 {count} 位专家，每个单位限 {panel['unit_cap']} 人")
    return found + _outside(posed, panel, seated) + _field(posed, panel, seated)


def _outside(posed: Posed, panel: Mapping[str, Any], seated: Sequence[Expert]) -> list[str]:
    least = ceil(Fraction(panel["outside_share"]) * posed.terms.seats)
    count = sum(one.outside for one in seated)
    return [f"市外专家应不少于 {least} 人，现有 {count} 人"] if count < least else []


def _field(posed: Posed, panel: Mapping[str, Any], seated: Sequence[Expert]) -> list[str]:
    digits = panel["coverage_digits"]
    codes = {code[:digits] for one in posed.applications for code in one.domains}
    count = sum(bool(codes & {code[:digits] for code in one.domains}) for one in seated)
    if not codes or count >= panel["coverage"]:
        return []
    return [f"本学科（{'、'.join(sorted(codes))}）专家应不少于 {panel['coverage']} 人，现有 {count} 人"]


def _word(words: type[Word], value: str) -> str:
    return words.of(value).zh
