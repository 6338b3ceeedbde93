"""Who may apply (申报条件): each known way of saying a condition, to the typed condition the formal check uses.

A preference (优先, 鼓励, 重点支持) is never hard. What no pattern knows stays an unparsed sentence for the admin.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from engine.catalogue.conditions import Condition
from engine.change.guide.figures import AMOUNT, NUMBER, whole, yuan
from engine.change.guide.marks import ItemClass
from engine.change.guide.sentences import Sentence

Fields = dict[str, Any]
CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
EVERYWHERE: frozenset[ItemClass] = frozenset(
    ("conditions", "money", "notes", "unknown", "mode", "content", "total", "period")
)
STATED: frozenset[ItemClass] = EVERYWHERE - {"content"}
FIELDS_OF_CHINA = "电子信息|生物与新医药|航空航天|新材料|高技术服务|新能源与节能|资源与环境|先进制造与自动化"
ALL_UNITS = ("enterprise", "university", "research_institute", "hospital", "public_institution")
RECOGNITIONS = {"高新技术企业": "high_tech_enterprise", "瞪羚企业": "gazelle_enterprise"}
LEVELS = {"市级": "city", "自治区级": "region", "省级": "region", "国家级": "national"}


def _nothing(_: re.Match[str]) -> Fields:
    return {}


def _judged(_: re.Match[str]) -> Fields:
    return {"qualitative": True}


def _preferred(_: re.Match[str]) -> Fields:
    return {"qualitative": True, "hard": False}


def _recognised(found: re.Match[str]) -> Fields:
    kinds = [kind for word, kind in RECOGNITIONS.items() if word in found.group()]
    return {"any_of": kinds, "year": whole(found["year"])}


def _platform(found: re.Match[str]) -> Fields:
    groups = found.groupdict()
    year = groups.get("year")
    return {"level_min": LEVELS[found["level"]], "recognised_year": whole(year) if year else None}


def _since(found: re.Match[str]) -> Fields:
    year, month, day = (int(found[part]) for part in ("year", "month", "day"))
    return {"since": f"{year:04d}-{month:02d}-{day:02d}"}


Pattern = tuple[str, str, frozenset[ItemClass], Callable[[re.Match[str]], Fields]]
PATTERNS: tuple[Pattern, ...] = (
    ("unit_kind", r"企事业单位(?:正式在职)|各类企事业单位", STATED, lambda _: {"any_of": ALL_UNITS}),
    (
        "unit_kind",
        r"申报企业|符合条件的企业|(?:申报|牵头|承担)(?:申报)?单位为[^。;]{0,50}?(?<!事业)(?:各类企业|的企业)(?!事业)",
        frozenset({"conditions"}),
        lambda _: {"any_of": ("enterprise",)},
    ),
    (
        "last_year_rd",
        rf"上年度(?:研究|研发)[^,。;]{{0,8}}(?:不低于|不少于){AMOUNT}",
        STATED,
        lambda found: {"min_yuan": yuan(found)},
    ),
    ("capability", r"(?:具有|具备)[^。;]{0,40}(?:研发、运维能力|服务能力|研究基础)", STATED, _judged),
    (
        "site_in_city",
        r"应用场景类项目实施地[^。;]{0,4}?在?(?P<city>(?!在)[\u4e00-\u9fff]{2,3}?市)范围内",
        STATED,
        lambda found: {"city": found["city"], "project_kind": "scene"},
    ),
    ("demonstration", r"示范性,[^。;]*可推广性", STATED, _judged),
    ("recognition", r"(?P<year>\d{4})年[^。;]{0,24}(?:高新技术企业|瞪羚企业)[^。;]*", STATED, _recognised),
    ("joint_bid_preferred", r"优先支持产学研联合申报", EVERYWHERE, lambda _: {"hard": False}),
    (
        "pi_age_preferred",
        rf"鼓励(?P<age>{NUMBER})周?岁以下",
        EVERYWHERE,
        lambda found: {"hard": False, "max_age": whole(found["age"])},
    ),
    (
        "max_applications_per_unit",
        rf"企业只能申报(?P<most>{NUMBER})(?:个|项)",
        STATED,
        lambda found: {"max": whole(found["most"])},
    ),
    (
        "technical_field",
        rf"支持领域:[^。;]*?(?:{FIELDS_OF_CHINA})[^。;]*",
        STATED,
        lambda found: {"any_of": tuple(re.findall(FIELDS_OF_CHINA, found.group()))},
    ),
    ("growth_prospect", r"发展前景好、具有相应创新能力", EVERYWHERE, _preferred),
    ("platform", r"(?P<year>\d{4})年新(?:获)?认定(?P<level>市级)及以上平台", STATED, _platform),
    ("platform", r"拥有(?P<level>市级|自治区级|国家级)以上[^,。;]{0,10}平台", STATED, _platform),
    (
        "max_applications_per_platform",
        rf"每个平台限(?:申报|报)(?:项目)?(?P<most>{NUMBER})(?:个|项)",
        STATED,
        lambda found: {"max": whole(found["most"])},
    ),
    ("innovation_centre", r"已成立[^。;,]{0,6}联合创新中心", STATED, _nothing),
    (
        "cooperation_contracts",
        r"与区内高校和区外高校签订",
        STATED,
        lambda _: {"all_of": ("university_in_region", "university_outside_region")},
    ),
    ("cooperation_funded", r"企业已出资", STATED, _nothing),
    ("research_field", r"围绕战略性新兴产业[^。;]*领域开展[^。;,]*研究", EVERYWHERE, _judged),
    ("lawful_operation", r"依法从事经营活动", STATED, _judged),
    (
        "pi_talent_class",
        r"(?P<year>\d{4})年引进且获得认定的(?P<at>[A-E])类以上",
        STATED,
        lambda found: {"at_least": found["at"], "year": whole(found["year"])},
    ),
    ("pi_title", r"青年拔尖人才荣誉证书", STATED, lambda _: {"title": "youth_top_talent"}),
    ("pi_employed", r"正式在职、具有固定劳资关系", STATED, _nothing),
    ("real_employment", r"不得通过兼职单位或挂靠单位申报", STATED, _judged),
    ("pi_before_retirement", r"法定退休年龄前能完成", STATED, _nothing),
    ("fits_guide", r"符合[^。;]{0,20}申报指南的定位要求", STATED, _judged),
    ("budget_sound", r"经费预算及使用须符合|总经费预算合理", STATED, _judged),
    (
        "pi_doctor_since",
        r"负责人[^。;]{0,6}(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日后引进、培养的博士",
        STATED,
        _since,
    ),
    ("pi_masters_supervisor", r"负责人要求具有硕士生导师资格", STATED, _nothing),
    ("needs_student_funding", r"缺乏科研经费用于研究生培养", STATED, _judged),
    (
        "no_like_grant",
        rf"近(?P<years>{NUMBER})年未获[^。;]*?立项",
        STATED,
        lambda found: {"years": whole(found["years"])},
    ),
    ("ethics", r"人类遗传资源|伦理审查|动物实验", STATED, _judged),
    ("joint_agreement", r"联合申报的项目,必须附[^。;]*合作协议", STATED, _nothing),
    ("self_raised_in_full", r"承诺的自筹资金必须足额到位", STATED, _nothing),
    ("self_raised_not_fiscal", r"不得以财政资助资金作为[^。;]*自筹资金", STATED, _nothing),
    ("own_fund_source", r"统筹本单位结余的[^。;]*自有科研经费", STATED, _judged),
    (
        "topic_preferred",
        r"(?<!国家)重点支持(?!我市具有)|特别是适用于|重点发展(?!的)|重点开展|重点推动|鼓励院企合作",
        EVERYWHERE,
        _preferred,
    ),
)
READ = [(kind, re.compile(pattern), where, fields) for kind, pattern, where, fields in PATTERNS]
CLAUSE_END = ",。;"
ENUMERATOR = re.compile(r"^\(\d+\)")


def condition_spans(sentence: Sentence) -> list[tuple[int, int]]:
    """Where in the sentence a known condition stands, already read elsewhere or not."""
    found = (pattern.search(sentence.text) for _, pattern, where, _ in READ if sentence.kind in where)
    return [one.span() for one in found if one is not None]


def _clause(text: str, found: re.Match[str]) -> str:
    """The part of the sentence between commas that holds what was found."""
    begin = max(text.rfind(mark, 0, found.start()) for mark in CLAUSE_END) + 1
    ends = [place for mark in CLAUSE_END if (place := text.find(mark, found.end())) >= 0]
    return ENUMERATOR.sub("", text[begin : min(ends, default=len(text))]).replace(",", "，")


def read_conditions(sentences: Sequence[Sentence]) -> Iterator[tuple[Condition, Sentence]]:
    """Every condition the sentences state, each kind once for one wording, with its sentence."""
    seen = set()
    for sentence in sentences:
        for kind, pattern, where, fields in READ:
            found = pattern.search(sentence.text) if sentence.kind in where else None
            key = (
                (kind, str(fields(found)), sentence.text if kind == "topic_preferred" else "")
                if found
                else None
            )
            if found is None or key in seen:
                continue
            seen.add(key)
            yield (
                CONDITION.validate_python(
                    {
                        "kind": kind,
                        "text": _clause(sentence.text, found),
                        "guide_line": sentence.line,
                        **fields(found),
                    }
                ),
                sentence,
            )
