"""The papers a bureau prints (公示、名单、清单): each a `Table`, which page, printer and workbook draw alike.

They are official papers and stay Chinese whatever language the page around them speaks.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from engine.cases.models import CaseFile, Notice, Process, WorkItem
from engine.catalogue.directions import get_direction, under
from engine.clock import load_calendar, local_day
from engine.errors import NotFound, Refused
from engine.money.models import Commitment, Payment
from engine.people.models import Account, Organization
from engine.people.permissions import Denied, may_see_scores
from engine.records.workbooks import Heading, Table
from engine.reviewing import rounds
from engine.reviewing.models import PublicNotice, ReviewRound, RoundEntry
from web.rounds.page import scoring_is_over

RESULTS = {"recommended": "推荐", "reserve": "备选", "rejected": "不推荐"}
CHECK_NOTICES = ("correction", "not_corrected", "ineligible")
"""The kinds of notice the formal check sends."""
NUMBER = Heading("序号", "count", 6)
CODE = Heading("项目编号", width=20)
TITLE = Heading("项目名称", width=36)
UNIT = Heading("申报单位", width=28)

Placed = tuple[RoundEntry, CaseFile, str]
"""An entry of a round, its case and the unit's name."""


def public_notice(session: Session, notice_id: int) -> Table:
    """The notice of proposed projects (拟立项公示), as it is posted."""
    notice = session.get(PublicNotice, notice_id)
    if notice is None:
        raise NotFound(f"没有编号为 {notice_id} 的公示。")
    rows = [
        (number, one["number"], one["title"], one["unit"], one["approved_fen"])
        for number, one in enumerate(notice.listed, start=1)
    ]
    days = len(_working_days(session, notice.posted_on, notice.ends_on))
    return Table(
        title=notice.title,
        preface=f"现将拟立项项目予以公示，公示期为 {notice.posted_on} 至 {notice.ends_on}（{days} 个工作日）。"
        "公示期内如有异议，请以书面形式实名提出，并写明联系方式和具体内容；匿名异议不予受理。",
        headings=(NUMBER, CODE, TITLE, UNIT, Heading("拟补助金额（万元）", "wan", 18)),
        rows=rows,
        totals=("", "", "合计", f"{len(rows)} 项", sum(one["approved_fen"] for one in notice.listed)),
        closing=(f"公示日期：{notice.posted_on}",),
    )


def established(session: Session, round_id: int) -> Table:
    """The projects a document established (立项项目清单), under its number (文号)."""
    opened = _round(session, round_id)
    if opened.document_number is None:
        raise Refused("这个轮次还没有下达立项文件；下达后才有立项清单。")
    listed = [one for one in _placed(session, opened) if one[0].announced == "established"]
    rows = [
        (number, case.number, case.title, unit, case.starts_on, case.ends_on, case.approved_fen)
        for number, (_, case, unit) in enumerate(listed, start=1)
    ]
    return Table(
        title=f"{opened.title}立项项目清单",
        document=f"文号：{opened.document_number}",
        headings=(
            NUMBER,
            CODE,
            TITLE,
            UNIT,
            Heading("起始日期", "date"),
            Heading("结束日期", "date"),
            Heading("立项金额（万元）", "wan", 18),
        ),
        rows=rows,
        totals=("", "", "合计", f"{len(rows)} 项", "", "", sum(row[6] for row in rows)),
    )


def ranking(session: Session, round_id: int, account: Account) -> Table:
    """The ranked list of a round (评审排序), for who may see its scores; Forbidden otherwise."""
    opened = _round(session, round_id)
    may_see_scores(account, closed=_scoring_is_closed(session, opened)).require()
    listed = [one for one in _placed(session, opened) if one[0].rank is not None]
    if not listed:
        raise Refused("这个轮次还没有排序；评分全部提交并汇总后才有排序表。")
    limit = f"本方向限额 {opened.quota} 项" if opened.quota else "本方向不限项数"
    return Table(
        title=f"{opened.title}评审排序表",
        document=f"文号：{opened.document_number}" if opened.document_number else "",
        preface=f"参评 {len(listed)} 项，{limit}。",
        headings=(
            Heading("名次", "count", 6),
            CODE,
            TITLE,
            UNIT,
            Heading("平均分", width=10),
            Heading("评审结果", width=10),
            Heading("申请金额（万元）", "wan", 18),
            Heading("拟补助金额（万元）", "wan", 18),
            Heading("备注", width=30),
        ),
        rows=[
            (
                entry.rank,
                case.number,
                case.title,
                unit,
                entry.mean,
                RESULTS.get(entry.result or "", ""),
                case.requested_fen,
                entry.approved_fen if entry.decision == "fund" else None,
                entry.tie_break,
            )
            for entry, case, unit in listed
        ],
    )


def payments(session: Session, year: int) -> Table:
    """Every payment out of one year's budget (拨付清单), reversals too, in the order they were made."""
    statement = (
        select(Payment, CaseFile, Organization.name)
        .join(CaseFile, col(CaseFile.id) == Payment.case_id)
        .join(Organization, col(Organization.id) == CaseFile.unit_id)
        .where(Payment.year == year)
        .order_by(col(Payment.recorded_on), col(Payment.id))
    )
    found = session.exec(statement).all()
    documents = _documents(session)
    return Table(
        title=f"{year} 年度科技项目经费拨付清单",
        headings=(
            NUMBER,
            Heading("拨付日期", "date", 12),
            CODE,
            TITLE,
            UNIT,
            Heading("立项文号", width=22),
            Heading("节点", "count", 6),
            Heading("拨付金额（万元）", "wan", 18),
            Heading("凭证号", width=16),
        ),
        rows=[
            (
                number,
                payment.recorded_on,
                case.number,
                case.title,
                unit,
                documents.get(payment.case_id, ""),
                payment.tranche,
                payment.amount_fen,
                payment.reference,
            )
            for number, (payment, case, unit) in enumerate(found, start=1)
        ],
        totals=("", "", "", "合计", f"{len(found)} 笔", "", "", sum(one[0].amount_fen for one in found), ""),
    )


def check_notices(session: Session, direction: str, day: date | None = None) -> Table:
    """The notices of the formal check (形式审查通知), of the directions whose code begins so; all for ''."""
    statement = (
        select(Notice, CaseFile, Organization.name)
        .join(CaseFile, col(CaseFile.id) == Notice.case_id)
        .join(Organization, col(Organization.id) == CaseFile.unit_id)
        .where(
            col(Notice.kind).in_(CHECK_NOTICES),
            under(col(CaseFile.direction_code), direction),
        )
        .order_by(col(Notice.id))
    )
    found = [one for one in session.exec(statement) if day is None or local_day(one[0].at) == day]
    of = f"{get_direction(session, direction).title}：" if _is_direction(session, direction) else ""
    return Table(
        title=f"{of}形式审查通知清单",
        headings=(
            NUMBER,
            Heading("发出日期", "date", 12),
            CODE,
            TITLE,
            UNIT,
            Heading("通知", width=26),
            Heading("内容", width=60),
            Heading("回复期限", "date", 12),
        ),
        rows=[
            (
                number,
                local_day(notice.at),
                case.number,
                case.title,
                unit,
                notice.title,
                notice.body,
                local_day(notice.reply_by) if notice.reply_by else None,
            )
            for number, (notice, case, unit) in enumerate(found, start=1)
        ],
    )


@dataclass(frozen=True)
class RoundPapers:
    """A round and its papers; `denied` says why its ranked list is not for this account."""

    round: ReviewRound
    ranked: bool
    denied: str


def papers_of_rounds(session: Session, account: Account) -> list[RoundPapers]:
    """Every round, the newest first, with the papers there are of it."""
    found = session.exec(select(ReviewRound).order_by(col(ReviewRound.id).desc())).all()
    ranked = set(
        session.exec(select(RoundEntry.round_id).where(col(RoundEntry.rank).is_not(None)).distinct())
    )
    open_items: dict[int, list[WorkItem]] = defaultdict(list)
    statement = (
        select(Process.round_id, WorkItem)
        .join(Process, col(Process.id) == WorkItem.process_id)
        .where(WorkItem.status == "open", col(Process.round_id).is_not(None))
    )
    for round_id, item in session.exec(statement):
        open_items[round_id or 0].append(item)
    decisions = {
        one.id: may_see_scores(account, closed=scoring_is_over(one, open_items[one.id or 0])) for one in found
    }
    return [
        RoundPapers(one, one.id in ranked, decision.reason if isinstance(decision, Denied) else "")
        for one in found
        for decision in [decisions[one.id]]
    ]


def paid_years(session: Session) -> list[int]:
    """The years anything was paid out of, the newest first."""
    return sorted(session.exec(select(Payment.year).distinct()), reverse=True)


def noticed_directions(session: Session) -> list[tuple[str, int]]:
    """The directions the formal check sent notices in, and how many."""
    statement = (
        select(CaseFile.direction_code, func.count())
        .join(Notice, col(Notice.case_id) == CaseFile.id)
        .where(col(Notice.kind).in_(CHECK_NOTICES))
        .group_by(CaseFile.direction_code)
        .order_by(CaseFile.direction_code)
    )
    return [(code, count) for code, count in session.exec(statement)]


def _round(session: Session, round_id: int) -> ReviewRound:
    opened = session.get(ReviewRound, round_id)
    if opened is None:
        raise NotFound(f"没有编号为 {round_id} 的评审轮次。")
    return opened


def _placed(session: Session, opened: ReviewRound) -> list[Placed]:
    listed = rounds.entries(session, opened.id)
    cases = {
        case.id: case
        for case in session.exec(
            select(CaseFile).where(col(CaseFile.id).in_([one.case_id for one in listed]))
        )
    }
    units = {unit.id: unit.name for unit in session.exec(select(Organization))}
    return [(entry, cases[entry.case_id], units[cases[entry.case_id].unit_id]) for entry in listed]


def _scoring_is_closed(session: Session, opened: ReviewRound) -> bool:
    statement = (
        select(WorkItem)
        .join(Process, col(Process.id) == WorkItem.process_id)
        .where(Process.round_id == opened.id, WorkItem.status == "open")
    )
    return scoring_is_over(opened, session.exec(statement).all())


def _working_days(session: Session, first: date, last: date) -> Sequence[date]:
    calendar = load_calendar(session)
    days = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    return [day for day in days if calendar.is_working(day)]


def _documents(session: Session) -> dict[int, str]:
    """The document that established each case (文号): its round's, or what it was brought in with."""
    of_rounds = (
        select(RoundEntry.case_id, ReviewRound.document_number)
        .join(ReviewRound, col(ReviewRound.id) == RoundEntry.round_id)
        .where(RoundEntry.announced == "established")
    )
    brought_in = select(Commitment.case_id, Commitment.reference).where(Commitment.reference != "")
    found = [*session.exec(brought_in), *session.exec(of_rounds)]
    return {case_id: number for case_id, number in found if number}


def _is_direction(session: Session, code: str) -> bool:
    try:
        get_direction(session, code)
    except NotFound:
        return False
    return True
