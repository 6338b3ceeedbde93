"""What must be delivered (考核指标): the usual results of grant guides as indicators, the rest for a person.

Reads clause by clause. A clause nobody knows but that compares one figure becomes a `technical` indicator with its
own wording; a clause without a known form is left unparsed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from engine.catalogue.indicators import Indicator
from engine.change.guide.figures import AMOUNT, NUMBER, number, yuan
from engine.change.guide.roles import tells_a_period
from engine.change.guide.sentences import Sentence

COUNT = rf"(?P<count>{NUMBER})(?P<unit>件|项|篇|人|名|个|种|款|类|套|台|辆|亩|次|条)"
TITLES = {
    "高级工程师": "senior_engineer",
    "在职硕士": "in_service_master",
    "在职博士": "in_service_doctor",
    "引进博士": "introduced_doctor",
}
MAKES = {
    "新工艺": "new_process",
    "新产品": "new_product",
    "新设备": "new_equipment",
    "新装备": "new_equipment",
    "新技术": "new_technology",
    "新材料": "new_material",
    "新装置": "new_device",
}
STANDARDS = {
    "团体标准": "group_standard",
    "行业标准": "industry_standard",
    "地方标准": "local_standard",
    "国家标准": "national_standard",
    "企业标准": "enterprise_standard",
}
INCOME = {
    "新产品产值": "new_product_output_value",
    "新增销售收入": "new_sales_revenue",
    "新增营收": "new_revenue",
    "综合收益": "comprehensive_gain",
    "销售收入": "sales_revenue",
}
COUNTED: tuple[tuple[str, str], ...] = (
    (
        "invention_patent_applied_or_granted",
        rf"申请/授权发明专利{COUNT}|申请或获得发明专利{COUNT.replace('<count>', '<c2>').replace('<unit>', '<u2>')}",
    ),
    (
        "invention_patent_granted",
        rf"获得{COUNT}发明专利授权|授权发明专利{COUNT.replace('<count>', '<c2>').replace('<unit>', '<u2>')}",
    ),
    ("invention_patent_applied", rf"(?:申请|申报)发明专利(?:≥)?{COUNT}"),
    ("utility_model_applied", rf"实用(?:新型)?专利{COUNT}"),
    ("patent_applied", rf"申请专利{COUNT}"),
    ("t2_paper", rf"T2及以上[^,。;]*论文(?:≥)?{COUNT}"),
    ("indexed_health_paper", rf"卫生研究相关的学术论文或研究报告{COUNT}"),
    ("core_paper", rf"核心及以上学术论文{COUNT}"),
    ("high_level_paper", rf"高水平论文{COUNT}"),
    ("published_paper", rf"论文{COUNT}[^。;]*见刊"),
    ("paper", rf"发表论文{COUNT}"),
    ("graduate_student", rf"培养研究生{COUNT}"),
    ("master_student", rf"培养硕士研究生{COUNT}"),
    ("new_product", rf"(?:研发出|至少形成){COUNT}|至少形成(?P<c2>\d+)(?P<u2>)新产品"),
    ("key_technology", rf"突破关键技术{COUNT}"),
    ("key_problem_solved", rf"(?:解决|突破)产业发展的{COUNT}"),
    ("new_variety", rf"至少育成{COUNT}(?:植物)?新品种"),
    ("demonstration_area", rf"面积达{COUNT}"),
    ("demonstration_or_app", rf"示范应用场景{COUNT}及以上或开发相关移动端应用软件"),
    ("medical_method", rf"临床决策系统{COUNT}"),
    ("demonstration", rf"示范(?:点|基地)或示范应用场景{COUNT}"),
)
JUDGED: tuple[tuple[str, str], ...] = (
    ("test_capability", r"试验能力"),
    ("self_set_technical", r"技术指标由申报单位"),
    ("self_set_breeding", r"由?申报单位依据研究物种的特点"),
    ("industrialised", r"实现产业化应用|实现产业化(?:$|[,。;])"),
    ("benefit", r"(?:经济效益|社会效益|生态效益)"),
)
ONCE: tuple[tuple[str, str, str], ...] = (
    ("technical_regulation", r"技术规程", "项"),
    ("cost_saving_report", r"节省成本情况分析研究报告", "份"),
)
UNIT_OF = (("patent", "件"), ("paper", "篇"))
WHEN = {"整机研发项目": {"product": "whole_machine"}, "部件研发项目": {"product": "component"}}
TECHNICAL = re.compile(
    r"^(?P<name>[^≥≤<>,。;:]{2,30}?)(?P<how>≥|≤|>|<|不低于|不少于|不小于|不超过|优于)(?P<count>\d+(?:\.\d+)?)"
    r"(?P<unit>%|[A-Za-zμ°/·]{1,8}|[\u4e00-\u9fff]{1,4})?"
)
COUNTED_LAST = re.compile(
    rf"^(?P<name>[^,。;:]{{2,40}}?)(?P<count>{NUMBER})(?P<unit>万?[\u4e00-\u9fff]{{1,2}}?)(?:及?以上)?$"
)
BOUNDS = {
    "≥": "min",
    "不低于": "min",
    "不少于": "min",
    "不小于": "min",
    "≤": "max",
    "不超过": "max",
    ">": "more_than",
    "<": "less_than",
}
ENOUGH = re.compile(rf"满足[^。;]{{0,6}}(?:考核)?指标[^。;\d]{{0,4}}(?P<count>{NUMBER})项")
PARTS = re.compile(r"(?<=[,;。])|(?=[（(]\d+[）)])")
NUMBERING = re.compile(r"^\(\d+\)|^\d+\.")


@dataclass(frozen=True)
class Result:
    """An indicator read, or None for a clause without a known form."""

    indicator: Indicator | None
    line: int
    written: str


def read_results(sentences: Sequence[Sentence]) -> Iterator[Result]:
    """The indicators of a leaf, clause by clause."""
    technical = 0
    seen: set[str] = set()
    for sentence in sentences:
        if sentence.kind != "indicators" or sentence.distance:
            continue
        known = False
        for clause in _clauses(sentence.text):
            found = list(_known(clause)) or list(_technical(clause, technical + 1))
            technical += any(part["kind"].startswith("technical_") for part in found)
            for indicator in filter(None, map(_checked, found)):
                read = {f"{part.kind}{part.when}" for part in indicator.walk()}
                if not read & seen:  # a figure is asked for once under one circumstance
                    known = True
                    seen |= read
                    yield Result(indicator, sentence.line, clause)
        if not known:
            yield Result(None, sentence.line, sentence.written)


def enough(sentences: Sequence[Sentence]) -> tuple[int, int] | None:
    """How many of the indicators suffice, and the line that says so; None where all are asked."""
    for sentence in sentences:
        if found := ENOUGH.search(sentence.text):
            return int(number(found["count"])), sentence.line
    return None


def _clauses(text: str) -> list[str]:
    """The parts between commas, a bracket never torn; the numbering is dropped."""
    clauses: list[str] = []
    for part in PARTS.split(text):
        torn = clauses and clauses[-1].count("(") > clauses[-1].count(")")
        if torn or (clauses and re.match(r"^(?:至少|其中)", part)):
            clauses[-1] += part
        elif part:
            clauses.append(NUMBERING.sub("", part))
    bare = [clause.strip(",;。") for clause in clauses]
    return [clause for clause in bare if clause and not tells_a_period(clause)]


def _known(clause: str) -> Iterator[dict[str, Any]]:
    if "或获得" in clause and "SCI" in clause:
        yield {"kind": "result", "any_of": list(_alternatives(clause)), "text": clause}
        return
    if people := [key for word, key in TITLES.items() if word in clause]:
        count = re.search(rf"共?(?P<count>{NUMBER})(?P<unit>人|名)", clause)
        if count is not None:
            whole = {"min": number(count["count"]), "unit": "人", "text": clause}
            yield (
                {"kind": people[0], **whole}
                if len(people) == 1
                else {"kind": "talent", "sum_of": people, **whole}
            )
        return
    if made := [key for word, key in MAKES.items() if word in clause]:
        count = re.search(rf"{COUNT}", clause)
        if len(made) > 1 and count is not None:
            yield _counted("innovation", count["count"], count["unit"], clause) | {
                "sum_of": list(dict.fromkeys(made))
            }
            return
    if kinds := [key for word, key in STANDARDS.items() if word in clause]:
        count = re.search(rf"{COUNT}", clause)
        if count is not None:
            name = "standard_initiated_or_published" if "立项" in clause else "standard_published"
            counted = _counted(name if len(kinds) > 1 else kinds[0], count["count"], count["unit"], clause)
            yield counted | ({"sum_of": kinds} if len(kinds) > 1 else {})
        return
    if money := re.search(AMOUNT, clause):
        kind = next((key for word, key in INCOME.items() if word in clause), None)
        if kind is not None:
            per = "year" if re.search(r"/年|每年|年新增", clause) else "period"
            when = next((case for word, case in WHEN.items() if word in clause), None)
            yield {"kind": kind, "min": yuan(money), "unit": "元", "per": per, "when": when, "text": clause}
            return
    yield from _counted_or_judged(clause)


def _counted_or_judged(clause: str) -> Iterator[dict[str, Any]]:
    for kind, pattern in COUNTED:
        if found := re.search(pattern, clause):
            groups = found.groupdict()
            count, unit = groups.get("count") or groups["c2"], groups.get("unit") or groups.get("u2") or "项"
            yield _counted(kind, count, unit, clause) | _including(kind, clause)
            return
    for kind, pattern, one in ONCE:
        if re.search(pattern, clause):
            yield _counted(kind, "1", one, clause)
            return
    for kind, pattern in JUDGED:
        if re.search(pattern, clause):
            yield {"kind": kind, "qualitative": True, "text": clause}
            return


def _counted(kind: str, count: str, unit: str, clause: str) -> dict[str, Any]:
    unit = next((usual for word, usual in UNIT_OF if word in kind), unit)
    return {"kind": kind, "min": number(count), "unit": unit, "text": clause}


def _including(kind: str, clause: str) -> dict[str, Any]:
    part = re.search(rf"\(至少(?:授权)?(?P<count>{NUMBER})(?P<unit>件|篇|项)", clause)
    if part is None:
        return {}
    of = "invention_patent_granted" if "patent" in kind else "core_paper"
    return {"including": [_counted(of, part["count"], part["unit"], part.group().strip("("))]}


def _alternatives(clause: str) -> Iterator[dict[str, Any]]:
    """A result or a patent or a paper: one of them, each with its own number."""
    patterns = (
        ("invention_patent_granted", rf"获得{COUNT}发明专利(?!授权申请)"),
        ("utility_model_granted", rf"获得{COUNT}实用新型专利授权"),
        ("technical_standard", rf"制定{COUNT}[^)]*标准"),
        ("sci_paper", rf"SCI论文{COUNT}"),
    )
    made = [key for word, key in MAKES.items() if word in clause]
    first = re.search(COUNT, clause)
    if made and first is not None:
        yield _counted("innovation", first["count"], first["unit"], clause[: first.end()]) | {"sum_of": made}
    for kind, pattern in patterns:
        if found := re.search(pattern, clause):
            yield _counted(kind, found["count"], found["unit"], found.group())


def _technical(clause: str, place: int) -> Iterator[dict[str, Any]]:
    found = TECHNICAL.match(clause)
    if found is not None and found["how"] in BOUNDS:
        bound = {BOUNDS[found["how"]]: number(found["count"])}
        yield {"kind": f"technical_{place}", "unit": found["unit"], "text": clause, **bound}
    elif last := COUNTED_LAST.match(clause):
        yield _counted(f"technical_{place}", last["count"], last["unit"], clause)


def _checked(part: dict[str, Any]) -> Indicator | None:
    try:
        return Indicator.model_validate(part)
    except ValidationError:
        return None
