"""What forms call the keys of choices and the columns of tables, in both languages."""

from engine.vocabulary import CheckVerdict, ReviewMode
from web.language import is_english

OPTIONS: dict[str, tuple[str, str]] = {
    **{word.value: (word.zh, word.en) for word in (*CheckVerdict, *ReviewMode)},
    "enterprise": ("企业", "Enterprise"),
    "university": ("高等学校", "University"),
    "research_institute": ("科研院所", "Research institute"),
    "hospital": ("医疗卫生机构", "Hospital"),
    "public_institution": ("事业单位", "Public institution"),
    "city": ("市级", "City"),
    "region": ("自治区级", "Region"),
    "national": ("国家级", "National"),
    "high_tech_enterprise": ("高新技术企业", "High-tech enterprise"),
    "gazelle_enterprise": ("瞪羚企业", "Gazelle enterprise"),
    "technology_supply": ("技术供给", "Technology supply"),
    "scene": ("应用场景", "Application scene"),
    "university_in_region": ("区内高校", "University in the region"),
    "university_outside_region": ("区外高校", "University outside the region"),
    "bachelor": ("学士", "Bachelor"),
    "master": ("硕士", "Master"),
    "doctor": ("博士", "Doctor"),
    "other": ("其他", "Other"),
    "none": ("无", "None"),
    "youth_top_talent": ("青年拔尖人才", "Young top talent"),
    "yes": ("是", "Yes"),
    "no": ("否", "No"),
}
COLUMNS: dict[str, tuple[str, str]] = {
    "verdict": ("结论", "Verdict"),
    "reason": ("理由", "Reason"),
    "recommend": ("推荐立项", "Recommend"),
    "opinion": ("评审意见", "Opinion"),
    "fund": ("拟立项", "Fund"),
    "approved": ("拟补助（元）", "Grant (yuan)"),
    "passed": ("合格", "Passed"),
    "note": ("说明", "Note"),
    "kind": ("类别", "Kind"),
    "year": ("年份", "Year"),
    "level": ("级别", "Level"),
    "name": ("名称", "Name"),
}


def option_label(key: str) -> str:
    """The word for a choice; a key without one is shown as it is."""
    return _word(OPTIONS, key)


def column_label(key: str) -> str:
    """The heading of a column."""
    return _word(COLUMNS, key)


def _word(words: dict[str, tuple[str, str]], key: str) -> str:
    if key not in words:
        return key
    return words[key][1 if is_english() else 0]
