"""The twenty rules of avoidance and rotation (回避与轮换规则), by id."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a rule becomes."""

    PAIR = "pair"  # an application and an expert
    GROUP = "group"  # an expert and a whole competition group
    EXPERT = "expert"  # an expert and every application
    CAP = "cap"  # a limit of the solver's policy or of an expert's load
    CONDUCT = "conduct"  # a duty of whoever runs the review


@dataclass(frozen=True)
class Rule:
    """A rule, its title and whether it may be relaxed by decision."""

    id: str
    title: str
    kind: Kind
    relaxable: bool


RULES = {
    rule.id: rule
    for rule in (
        Rule("R01", "与牵头或参与单位同单位（含集团）", Kind.PAIR, False),
        Rule("R02", "本人、配偶、直系亲属曾在该单位任职或任顾问", Kind.PAIR, False),
        Rule("R03", "投资、任董事、控股或实际控制", Kind.PAIR, False),
        Rule("R04", "与负责人、成员、法定代表人有亲属关系", Kind.PAIR, False),
        Rule("R05", "博士生导师与学生", Kind.PAIR, False),
        Rule("R06", "合著论文或合作项目", Kind.PAIR, False),
        Rule("R07", "本人在同组（同批）申报", Kind.GROUP, False),
        Rule("R08", "本单位在同组申报", Kind.GROUP, True),
        Rule("R09", "与申报方有法律纠纷", Kind.PAIR, False),
        Rule("R10", "参与本轮指南编写或为申报提供咨询", Kind.GROUP, False),
        Rule("R11", "主管部门或专业机构工作人员", Kind.EXPERT, False),
        Rule("R12", "申报方申请回避", Kind.PAIR, True),
        Rule("R13", "专家本人声明或事后发现", Kind.PAIR, False),
        Rule("R14", "失信、暂停或聘期届满", Kind.EXPERT, False),
        Rule("R15", "同一专家组内同单位人数上限", Kind.CAP, True),
        Rule("R16", "立项评审专家参加同一项目验收", Kind.PAIR, True),
        Rule("R17", "评审工作量上限", Kind.CAP, True),
        Rule("R18", "轮换", Kind.PAIR, True),
        Rule("R19", "备选专家", Kind.CAP, True),
        Rule("R20", "保密", Kind.CONDUCT, False),
    )
}
"""All rules. Of 1 to 14 only 8 (by abstention) and 12 may be relaxed."""
FOR_APPLICANTS = "已启动回避"
"""All an applicant is told of a conflict (rule 20): that avoidance took place, never who or why."""
