"""What policy asks of a panel (抽取条件): seats, composition, windows and weights, each from its own policy row."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from engine.errors import Unusable

if TYPE_CHECKING:  # the optimizer brings numpy and scipy, which only a draw needs
    from optimizer.conflicts.windows import Windows
    from optimizer.fit import Weights

KEYS = (
    "panel_size_min",
    "panel_size_max",
    "panel_size_major",
    "panel_size_major_max",
    "panel_technical_min",
    "panel_finance_min",
    "panel_management_max",
    "panel_domain_min",
    "panel_domain_digits",
    "panel_unit_cap",
    "panel_applications_max",
    "review_mode",
    "letter_size",
    "letter_applications_max",
    "outside_share_min",
    "outside_share_major_min",
    "expert_yearly_cap",
    "expert_daily_defences",
    "expert_daily_readings",
    "rotation_batches",
    "rotation_panels_per_year",
    "rotation_force",
    "rotation_penalty",
    "backups_per_seat",
    "establishment_share_at_acceptance",
    "establishment_penalty",
    "excluded_experts_max",
    "conflict_employment_years",
    "conflict_investment_years",
    "conflict_control_years",
    "conflict_coauthor_years",
    "conflict_dispute_years",
    "conflict_collateral_generations",
    "conflict_applicant_reach",
    "conflict_own_unit",
    "conflict_avoided",
    "conflict_avoided_penalty",
    "fit_weights",
    "draw_pair_probability",
    "draw_seconds",
)
"""Every policy row a draw reads; their clauses go into the certificate."""
CHANGEABLE = (
    "panel_size_min",
    "panel_size_major",
    "letter_size",
    "letter_applications_max",
    "panel_technical_min",
    "panel_finance_min",
    "panel_management_max",
    "panel_domain_min",
    "panel_unit_cap",
    "outside_share_min",
    "outside_share_major_min",
    "expert_yearly_cap",
    "rotation_batches",
    "rotation_panels_per_year",
    "rotation_force",
    "conflict_own_unit",
    "conflict_avoided",
    "draw_pair_probability",
)
"""What may be changed for one draw, with reason and approval: conditions of the panel, and of the rules of
avoidance only those DOMAIN calls relaxable (8 by abstention, 12, 15, 17, 18)."""


_OF_PANELS = {"panel_size_min", "panel_size_major"}
_OF_LETTERS = {"letter_size", "letter_applications_max"}
_OF_MAJORS = {"panel_size_major", "outside_share_major_min"}
_OF_OTHERS = {"panel_size_min", "outside_share_min"}


def changeable(*, by_letter: bool, major: bool) -> list[str]:
    """The conditions whose change would make a difference to a draw of this kind."""
    idle = (_OF_PANELS if by_letter else _OF_LETTERS) | (_OF_OTHERS if major else _OF_MAJORS)
    return [key for key in CHANGEABLE if key not in idle]


@dataclass(frozen=True)
class Terms:
    """The policy of one draw, read once. `panel` is the policy part of the instance."""

    seats: int
    most: int  # of a panel entered by hand
    major: bool  # a major project's panel (重大专项)
    load: int  # panels of the group an expert may sit in, or in letter review applications to read
    panel: dict[str, Any]
    windows: "Windows"
    weights: "Weights"

    @property
    def by_letter(self) -> bool:
        """Whether each application has its own experts (通讯评审), judged pair by pair."""
        return bool(self.panel["mode"] == "letter")


def terms(values: Mapping[str, Any], *, mode: str, major: bool, approver: str = "") -> Terms:
    """The terms in force for a direction; a major one (重大专项) has a larger panel with more from outside.

    In letter review (`mode`) composition, units, field and outside share are asked of each application's experts.
    """
    share = values["outside_share_major_min" if major else "outside_share_min"]
    if mode == "letter":
        seats = most = int(values["letter_size"])
        load = min(int(values["letter_applications_max"]), int(values["expert_daily_readings"]))
    else:
        seats = int(values["panel_size_major" if major else "panel_size_min"])
        most, load = int(values["panel_size_major_max" if major else "panel_size_max"]), 1
    asked = {"mode": mode, **_panel(values, seats, str(share))}
    return Terms(
        seats, most, major, load, asked, _windows(values, approver), readable_weights(values["fit_weights"])
    )


def _panel(values: Mapping[str, Any], seats: int, share: str) -> dict[str, Any]:
    return {
        "unit_cap": int(values["panel_unit_cap"]),
        "outside_share": share,
        "composition": [
            {"role": "technical", "least": min(seats, int(values["panel_technical_min"]))},
            {"role": "finance", "least": int(values["panel_finance_min"])},
            {"role": "management", "most": int(values["panel_management_max"])},
        ],
        "coverage": min(seats, int(values["panel_domain_min"])),
        "coverage_digits": int(values["panel_domain_digits"]),
        "panel_sizes": [1, min(int(values["panel_applications_max"]), int(values["expert_daily_readings"]))],
        "pair_probability": str(values["draw_pair_probability"]),
    }


def _windows(values: Mapping[str, Any], approver: str) -> "Windows":
    from optimizer.conflicts.windows import Reach, Windows  # noqa: PLC0415
    from optimizer.problem import Force  # noqa: PLC0415

    return Windows(
        former_employment_years=values["conflict_employment_years"],
        investment_years=values["conflict_investment_years"],
        control_years=values["conflict_control_years"],
        collateral_generations=values["conflict_collateral_generations"],
        applicant_reach=Reach(values["conflict_applicant_reach"]),
        own_unit=Force(values["conflict_own_unit"]),
        own_unit_approver=approver,
        joint_work_years=values["conflict_coauthor_years"],
        dispute_years=values["conflict_dispute_years"],
        avoid_limit=values["excluded_experts_max"],
        avoided=Force(values["conflict_avoided"]),
        avoided_penalty=float(values["conflict_avoided_penalty"]),
        unit_cap=values["panel_unit_cap"],
        establishment_share=Fraction(values["establishment_share_at_acceptance"]),
        establishment_penalty=float(values["establishment_penalty"]),
        yearly_reviews=values["expert_yearly_cap"],
        daily_defences=values["expert_daily_defences"],
        daily_readings=values["expert_daily_readings"],
        rotation_batches=values["rotation_batches"],
        direction_panels=values["rotation_panels_per_year"],
        rotation=Force(values["rotation_force"]),
        rotation_penalty=float(values["rotation_penalty"]),
        backups_per_seat=values["backups_per_seat"],
    )


def readable_weights(table: Mapping[str, Any]) -> "Weights":
    """The weights of the fit as the policy table writes them; Unusable where they cannot be used here."""
    from optimizer import embedding  # noqa: PLC0415 - brings numpy and scipy, which few pages need
    from optimizer.errors import ProblemError  # noqa: PLC0415
    from optimizer.fit import Weights  # noqa: PLC0415

    try:
        parts = {name: float(table[name]) for name in ("domain", "text", "keywords", "bids", "embedding")}
        prefixes = tuple((int(digits), float(worth)) for digits, worth in sorted(table["prefixes"].items()))
        found = Weights(**parts, prefixes=prefixes)
    except (KeyError, TypeError, ValueError, AttributeError, ProblemError) as error:
        raise Unusable(
            "匹配度权重须有 domain、text、keywords、bids、embedding 五项（不小于 0 的数）和 prefixes"
            "（相同位数 → 0 至 1 的分值）；请按原表补全。"
        ) from error
    if found.embedding > 0 and not embedding.available():
        raise Unusable(
            "语义部分（embedding）的权重大于 0，但服务器没有安装语义模型 keguan[embedding]；请先安装，或填 0。"
        )
    return found
