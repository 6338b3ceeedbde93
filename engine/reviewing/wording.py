"""Shortages and relaxations in Chinese (凑不齐的原因与放宽方案), with the names of experts and rules.

The optimizer says them as typed numbers with an English sentence; what a round shows is put into words here.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

ROLES = {"technical": "技术专家", "finance": "财务专家", "management": "管理专家"}
Names = Mapping[int, str]


def in_chinese(result: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A stored result whose shortages and relaxations read Chinese; the English sentence stays as `sentence_en`."""
    return {
        **result,
        "shortages": [
            {**one, "sentence": shortage(one, names), "sentence_en": one["sentence"]}
            for one in result.get("shortages", ())
        ],
        "relaxations": [
            {**one, "sentence": relaxation(one, names), "sentence_en": one["sentence"]}
            for one in result.get("relaxations", ())
        ],
    }


def shortage(one: Mapping[str, Any], names: Names) -> str:
    """What is short, in one sentence."""
    who, wanted, reached = _subject(one["subject"], names), one["wanted"], one["reached"]
    if one["kind"] == "seats":
        why = (
            f"符合条件、无须回避的只有 {one['eligible']} 人"
            if one["eligible"] < wanted
            else "其余候选的名额已满"
        )
        return f"{who}需要 {wanted} 人，只能凑到 {reached} 人：{why}。"
    if one["kind"] == "minimum":
        return f"{who}至少应评 {wanted} 组，只能安排 {reached} 组。"
    if one["kind"] == "excess":
        return f"{who}最多 {wanted} 名{rule(one['rule'])}，已指定 {reached} 名。"
    return f"{who}要求{rule(one['rule'])}不少于 {wanted} 人，只能凑到 {reached} 人。"


def relaxation(one: Mapping[str, Any], names: Names) -> str:
    """What would make it solvable, in one sentence; every change of it is needed."""
    lent = Counter(change["to"] for change in one["changes"] if change["kind"] == "lend")
    parts = [f"从其他专家库借调 {count} 人（无须回避，每人最多评 {cap} 组）" for cap, count in lent.items()]
    parts += [_change(change, names) for change in one["changes"] if change["kind"] != "lend"]
    return "；".join(parts) + "。"


def rule(name: str) -> str:
    """A requirement as the optimizer names it, in Chinese."""
    word, _, rest = name.partition(" ")
    if name == "outside the city":
        return "市外专家"
    if word == "role":
        return ROLES.get(rest, rest)
    if word == "domain":
        return f"学科 {rest.replace('/', '、')} 的专家"
    return f"单位 {rest} 的专家"


def _change(change: Mapping[str, Any], names: Names) -> str:
    kind, before, after = change["kind"], change["from"], change["to"]
    who = _subject(change["subject"], names)
    words = {
        "seats": f"{who}由 {before} 人减为 {after} 人",
        "cap": f"{who}本年度可评次数由 {before} 次增至 {after} 次",
        "minimum": f"{who}最少评审组数由 {before} 降为 {after}",
        "unit cap": f"同一单位专家上限由 {before} 人放宽至 {after} 人",
        "outside": f"市外专家由不少于 {before} 人减为不少于 {after} 人",
    }
    if kind in words:
        return words[kind]
    return f"{who}对{rule(kind.removeprefix('requirement: '))}的要求由 {before} 人降为 {after} 人"


def _subject(subject: Any, names: Names) -> str:
    """An expert by name, a panel by its number."""
    if isinstance(subject, str) and subject.startswith("panel "):
        return f"第 {subject.split()[1]} 专家组"
    return f"专家{names.get(subject, subject)}"
