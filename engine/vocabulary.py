"""The words of the field, once: stable keys with their Chinese and English labels.

Keys are what the database and the diagrams hold; labels are what a screen shows.
"""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A key with a Chinese and an English label."""

    zh: str
    en: str

    def __new__(cls, key: str, zh: str, en: str) -> "Word":
        word = str.__new__(cls, key)
        word._value_ = key
        word.zh = zh
        word.en = en
        return word

    @classmethod
    def of(cls, key: str) -> Self:
        """The word of a stored key."""
        return next(word for word in cls if word.value == key)


class Role(Word):
    """Who acts (岗位). A lane's name in a diagram is a role's Chinese label; a bureau may add lanes of its own."""

    APPLICANT = "applicant", "申报单位", "Applicant"
    RECOMMENDER = "recommender", "推荐单位", "Recommending unit"
    INTAKE = "intake", "受理员", "Intake officer"
    PROGRAMME = "programme", "业务科室", "Programme officer"
    PLANNING = "planning", "规配科", "Planning officer"
    DRAWING = "drawing", "抽取岗", "Drawing officer"
    EXPERT = "expert", "评审专家", "Expert"
    APPROVER = "approver", "分管领导", "Approving leader"
    FINANCE = "finance", "财务", "Finance officer"
    SUPERVISION = "supervision", "纪检", "Supervision"
    ADMIN = "admin", "管理员", "Administrator"


class FundingMode(Word):
    """How a direction pays (补助方式)."""

    POST_SUBSIDY = "post_subsidy", "后补助", "Post-subsidy"
    MILESTONE = "milestone", "里程碑式补助", "Milestone subsidy"
    UNFUNDED = "unfunded", "不拨付", "Unfunded"


class PaymentTrigger(Word):
    """What makes money payable (拨付条件)."""

    ACCEPTANCE = "acceptance", "验收通过", "Acceptance passed"
    MILESTONE = "milestone", "节点通过", "Milestone passed"
    COOPERATION_PAYMENT = "cooperation_payment", "支付合作款", "Cooperation money paid"
    NONE = "none", "不拨付", "Nothing is paid"


class CaseStatus(Word):
    """Where a case stands in words (状态); read from the diagram's `status` property, never computed from text."""

    DRAFT = "draft", "草稿", "Draft"
    AWAITING_RECOMMENDATION = "awaiting_recommendation", "待推荐", "Awaiting recommendation"
    SUBMITTED = "submitted", "待受理", "Submitted"
    RECEIVED = "received", "已受理", "Received"
    CORRECTING = "correcting", "补正中", "Correcting"
    INELIGIBLE = "ineligible", "形审不通过", "Ineligible"
    NOT_ACCEPTED = "not_accepted", "不予受理", "Not accepted"
    IN_REVIEW = "in_review", "评审中", "In review"
    PROPOSED = "proposed", "拟立项", "Proposed"
    ON_NOTICE = "on_notice", "公示中", "On public notice"
    ESTABLISHED = "established", "已立项", "Established"
    DECLINED = "declined", "未立项", "Declined"
    WITHDRAWN = "withdrawn", "撤回", "Withdrawn"
    AWAITING_CONTRACT = "awaiting_contract", "待签任务书", "Awaiting task-book"
    ACTIVE = "active", "在研", "Active"
    CLOSING = "closing", "待结题", "Closing"
    ACCEPTED = "accepted", "验收通过", "Accepted"
    FAILED = "failed", "验收不通过", "Acceptance failed"
    TERMINATED = "terminated", "终止结题", "Terminated"
    REVOKED = "revoked", "撤销", "Revoked"
    PAYABLE = "payable", "待拨付", "Payable"
    PAID = "paid", "已拨付", "Paid"
    CLAWBACK = "clawback", "追缴", "Clawback"
    ARCHIVED = "archived", "已归档", "Archived"


class ReviewMode(Word):
    """Who reads which applications of a competition group (评审方式)."""

    PANEL = "panel", "会议评审", "Panel review"
    LETTER = "letter", "通讯评审", "Letter review"


class CheckVerdict(Word):
    """The result of one formal-check item (形审结论)."""

    MET = "met", "符合", "Met"
    NOT_MET = "not_met", "不符合", "Not met"
    TO_CORRECT = "to_correct", "需补正", "To be corrected"
    NOT_APPLICABLE = "not_applicable", "不适用", "Not applicable"
