"""A score sheet while it is being filled in: one line for each application, kept as typed until it is submitted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.cases.models import CaseFile
from web.expert.rubric import Dimension, Rubric, points_in
from web.forms.reading import TRUTH, Sent
from web.language import translate as _


@dataclass(frozen=True)
class Line:
    """What one expert has put down for one application. `recommend` is yes, no or empty."""

    case: CaseFile
    rubric: Rubric
    points: Mapping[str, str]
    recommend: str = ""
    veto: bool = False
    opinion: str = ""

    @property
    def total(self) -> Decimal:
        """The running total: the points that count so far."""
        return sum((points for _dimension, points in self.counted if points is not None), Decimal(0))

    @property
    def counted(self) -> list[tuple[Dimension, Decimal | None]]:
        """Each dimension with its points, None where nothing usable was typed."""
        return [(one, _within(one, self.points.get(one.key, ""))) for one in self.rubric.dimensions]

    @property
    def begun(self) -> bool:
        """Whether anything was put down."""
        return any(self.points.values()) or bool(self.recommend or self.opinion or self.veto)

    @property
    def state(self) -> str:
        """Where the line stands in a word."""
        if not self.begun:
            return _("未评")
        return _("待补 %(n)s 处", n=len(self.wanting)) if self.wanting else _("已评完")

    @property
    def wanting(self) -> list[tuple[str, str]]:
        """What is still to do before this line can be submitted: the field's anchor and the sentence."""
        return list(self._wanting())

    def _wanting(self) -> Iterator[tuple[str, str]]:
        if not self.begun:
            yield f"f-{self.rubric.dimensions[0].key}", _("还没有评分。")
            return
        for dimension, points in self.counted:
            if points is None:
                typed = self.points.get(dimension.key, "")
                yield f"f-{dimension.key}", _wrong_points(dimension, typed)
        if self.recommend not in TRUTH:
            yield "f-recommend", _("请选择是否推荐立项。")
        if self.veto and self.recommend == "yes":
            yield "f-recommend", _("一票否决与推荐立项不能并存；请改正其一。")
        if self.veto and not self.opinion:
            yield "f-opinion", _("一票否决必须写明理由。")

    @property
    def row(self) -> dict[str, Any]:
        """The line as the score sheet's typed model reads it; what is missing is left out."""
        typed = {key: text for key, text in self.points.items() if text}
        row: dict[str, Any] = {"case_id": self.case.id, "points": typed, "opinion": self.opinion}
        if self.recommend in TRUTH:
            row["recommend"] = TRUTH[self.recommend]
        return row | {"veto": True} if self.veto else row


@dataclass(frozen=True)
class Sheet:
    """All lines of one expert's sheet."""

    lines: Sequence[Line]
    comment: str = ""

    @property
    def finished(self) -> int:
        """How many lines lack nothing."""
        return sum(not line.wanting for line in self.lines)

    def line(self, case_id: int) -> Line | None:
        """The line of one application."""
        return next((line for line in self.lines if line.case.id == case_id), None)


def sheet_from(kept: Mapping[str, Any], cases: Sequence[CaseFile], rubric: Rubric) -> Sheet:
    """The sheet as it was kept; applications nobody has looked at yet have empty lines."""
    rows = {row.get("case_id"): row for row in kept.get("rows", [])}
    lines = [_line(case, rubric, rows.get(case.id, {})) for case in cases]
    return Sheet(lines, str(kept.get("comment", "")))


def _line(case: CaseFile, rubric: Rubric, row: Mapping[str, Any]) -> Line:
    recommend = row.get("recommend")
    return Line(
        case,
        rubric,
        {key: str(value) for key, value in (row.get("points") or {}).items()},
        recommend="" if recommend is None else "yes" if recommend else "no",
        veto=bool(row.get("veto")),
        opinion=str(row.get("opinion", "")),
    )


def line_sent(case: CaseFile, rubric: Rubric, sent: Sent) -> Line:
    """The line as a browser sent it."""
    return Line(
        case,
        rubric,
        {one.key: sent.get(f"points.{one.key}", "").strip() for one in rubric.dimensions},
        recommend=sent.get("recommend", ""),
        veto=sent.get("veto") == "yes",
        opinion=sent.get("opinion", "").strip(),
    )


def with_line(kept: Mapping[str, Any], line: Line) -> dict[str, Any]:
    """What is kept, with this line in the place of the one before."""
    others = [row for row in kept.get("rows", []) if row.get("case_id") != line.case.id]
    return {**kept, "rows": [*others, line.row]}


def _within(dimension: Dimension, text: str) -> Decimal | None:
    points = points_in(text)
    return points if points is not None and 0 <= points <= dimension.weight else None


def _wrong_points(dimension: Dimension, typed: str) -> str:
    if not typed:
        return _("“%(name)s”还没有打分（满分 %(most)s）。", name=dimension.title, most=dimension.weight)
    return _(
        "“%(name)s”应为 0 到 %(most)s 的数，现为“%(typed)s”；请改正。",
        name=dimension.title,
        most=dimension.weight,
        typed=typed[:20],
    )
