"""The pages of a score sheet: the list of applications, and one application beside its score card."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engine.cases.models import CaseFile, WorkItem
from engine.catalogue.directions import get_direction
from engine.errors import Forbidden, KeguanError
from engine.people import permissions
from engine.people.models import Account, Organization
from engine.records import drafts
from engine.records.attachments import attachments_of
from engine.records.models import Attachment
from engine.reviewing import rounds
from engine.reviewing.models import PanelMember, ReviewRound, Score
from web.clock import now
from web.expert.assignments import cases_of, files, seat_of
from web.expert.rubric import Rubric, rubric_for
from web.expert.sheet import Line, Sheet, sheet_from
from web.parts.application import Stated, stated


@dataclass(frozen=True)
class SheetPage:
    """An expert's sheet of one round: `kept` is the draft, or what was submitted.

    `others` are the other experts' scores by application, once they may be seen.
    """

    item: WorkItem
    round: ReviewRound
    seat: PanelMember
    rubric: Rubric
    kept: dict[str, Any]
    saved_at: datetime | None
    sheet: Sheet
    units: dict[int, str]
    others: dict[int, list[Score]]
    closed: str
    """Why the files may not be opened now, empty when they may."""
    refusal: KeguanError | None = None

    @property
    def problems(self) -> list[tuple[int | None, str, str]]:
        """Why the sheet was refused: the application, the field's anchor and the sentence."""
        if self.refusal is None:
            return []
        wanting = [
            (line.case.id, anchor, f"{line.case.title}：{sentence}")
            for line in self.sheet.lines
            for anchor, sentence in line.wanting
        ]
        return wanting or [(None, "f-comment", reason) for reason in self.refusal.reasons]

    @property
    def is_open(self) -> bool:
        """Whether it can still be filled in."""
        return self.item.status == "open"

    def payload(self, outcome: str) -> dict[str, Any]:
        """What is submitted: every line begun; an excuse leaves no score."""
        rows = [line.row for line in self.sheet.lines if line.begun] if outcome == "submit" else []
        return {"outcome": outcome, "comment": self.sheet.comment, "rows": rows}


@dataclass(frozen=True)
class ReadingPage:
    """One application to read, its score card, and the neighbours on the list."""

    page: SheetPage
    line: Line
    unit: str
    application: Sequence[Stated]
    files: Sequence[Attachment]
    before: int | None
    after: int | None


def sheet_page(
    session: Session,
    item: WorkItem,
    account: Account,
    *,
    comment: str | None = None,
    refusal: KeguanError | None = None,
) -> SheetPage:
    """The sheet for its own expert: the draft while it is open, the scores once they are in."""
    opened, seat = session.get_one(ReviewRound, item.round_id), seat_of(session, item)
    cases = files(session, cases_of(session, item))
    rubric = rubric_for(session, opened.direction_code, now())
    scores = _scores(session, opened, seat)
    draft = drafts.draft_of(session, item.id or 0, account) if item.status == "open" else None
    kept = draft.payload if draft else _submitted(scores, account)
    sheet = sheet_from(kept, cases, rubric)
    allowed = permissions.may_see_scores(account, submitted_own=item.outcome == "submit")
    others = [one for one in scores if one.account_id != account.id] if allowed else []
    return SheetPage(
        item,
        opened,
        seat,
        rubric,
        kept,
        draft.saved_at if draft else None,
        sheet if comment is None else replace(sheet, comment=comment),
        _units(session, cases),
        {line.case.id or 0: [one for one in others if one.case_id == line.case.id] for line in sheet.lines},
        rounds.why_closed(session, seat),
        refusal,
    )


def reading_page(session: Session, item: WorkItem, account: Account, case_id: int) -> ReadingPage:
    """One application of the sheet; Forbidden for any other, and before the first file was opened."""
    page = sheet_page(session, item, account)
    line = page.sheet.line(case_id)
    if line is None:
        raise Forbidden("这个项目没有分派给您评审；请从“我的评审”进入分派给您的项目。")
    if page.closed:
        raise Forbidden(page.closed)
    if page.seat.opened_at is None:
        raise Forbidden("请先在评分表页面点“打开材料”；首次打开会留下记录。")
    order = [one.case.id for one in page.sheet.lines]
    place = order.index(case_id)
    return ReadingPage(
        page,
        line,
        page.units[line.case.unit_id],
        stated(line.case, get_direction(session, line.case.direction_code)),
        _newest(attachments_of(session, case_id, account)),
        order[place - 1] if place else None,
        order[place + 1] if place + 1 < len(order) else None,
    )


def _newest(files: Sequence[Attachment]) -> list[Attachment]:
    """The newest version of each file."""
    first: dict[str, Attachment] = {}
    for one in files:
        first.setdefault(one.name, one)
    return list(first.values())


def _scores(session: Session, opened: ReviewRound, seat: PanelMember) -> list[Score]:
    statement = select(Score).where(Score.round_id == opened.id, Score.panel_no == seat.panel_no)
    return list(session.exec(statement.order_by(col(Score.id))))


def _submitted(scores: Sequence[Score], account: Account) -> dict[str, Any]:
    own = [one for one in scores if one.account_id == account.id]
    return {"rows": [one.model_dump() for one in own]}


def _units(session: Session, cases: Sequence[CaseFile]) -> dict[int, str]:
    ids = {case.unit_id for case in cases}
    statement = select(Organization.id, Organization.name).where(col(Organization.id).in_(ids))
    return {key: name for key, name in session.exec(statement) if key is not None}
