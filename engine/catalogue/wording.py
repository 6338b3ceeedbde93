"""What a person calls a figure: a part of a sum has words of its own, any other its indicator's text."""

from collections.abc import Iterable

from engine.catalogue.indicators import Indicator

PART_TITLES = {
    "senior_engineer": "高级工程师",
    "in_service_master": "在职硕士",
    "in_service_doctor": "在职博士",
    "introduced_doctor": "引进博士",
    "new_product": "新产品",
    "new_equipment": "新设备、新装备",
    "new_process": "新工艺",
    "new_material": "新材料",
    "new_technology": "自主知识产权新技术",
    "new_device": "新装置",
    "new_variety": "农业新品种",
    "converted_product": "成果转化形成的新产品",
    "converted_equipment": "成果转化形成的新装备",
    "invention_patent_applied": "申请发明专利",
    "utility_model_granted": "授权实用新型专利",
    "software_copyright": "软件著作权",
    "other_property_applied": "其他知识产权申请",
    "national_standard": "国家标准",
    "industry_standard": "行业标准",
    "local_standard": "地方标准",
    "group_standard": "团体标准",
    "enterprise_standard": "企业标准",
    "demonstration_site": "示范点",
    "demonstration_base": "示范基地",
    "demonstration_scene": "示范应用场景",
    "medical_technology": "疾病预防、诊断、治疗新技术",
    "treatment_method": "疾病预防、诊断、治疗方法",
    "operating_procedure": "操作规程",
    "clinical_decision_system": "临床决策系统",
    "clinical_research_approval": "临床研究批准",
    "clinical_trial_ind": "临床试验默示许可",
    "production_approval": "生产批件",
    "decoction_piece_filing": "中药饮片备案",
    "granule_filing": "中药配方颗粒备案",
    "plant_variety": "植物新品种（良种）",
    "animal_variety": "动物新品种（系）",
}


def figure_title(indicators: Iterable[Indicator], name: str) -> str:
    """The words for the figure called `name` among these indicators."""
    for indicator in indicators:
        for part in indicator.walk():
            if part.sum_of and name in part.sum_of:
                return PART_TITLES[name]
            if name == part.kind:
                return part.text
    raise KeyError(name)
