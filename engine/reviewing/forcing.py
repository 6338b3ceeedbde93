"""The counterfactual of a draw (反事实): what if this expert sat in the panel, solved again, exactly.

Brings the optimizer: imported where somebody asks.
"""

from dataclasses import dataclass

from sqlmodel import Session

from engine.errors import Refused, Unusable
from engine.people import permissions
from engine.people.models import Account
from engine.reviewing import draws, solving
from engine.reviewing.models import Draw
from optimizer.errors import ProblemError
from optimizer.result import Standing
from optimizer.watch import Watch


@dataclass(frozen=True)
class Forced:
    """What becomes of the best panels if an expert has to sit in one (反事实); None where it cannot be."""

    total_change: float | None
    worst_change: float | None
    proven: bool
    sentence: str


def force(session: Session, draw_id: int, part: int, account_id: int, *, actor: Account) -> Forced:
    """Solve a draw again with this expert in panel `part` (1 is the first): exact, nothing is kept.

    Refused while there is no answer to compare with, Unusable for who is not in the pool or a panel there is not.
    """
    permissions.may_see_draw(actor).require()
    made = session.get_one(Draw, draw_id)
    split = [one["applications"] for one in made.result.get("panels", ())]
    if made.lottery is None or not split:
        raise Refused("这次抽取没有求得完整的专家组，无从比较。")
    names = {one["id"] for one in made.instance["experts"]}
    if account_id not in names or not 1 <= part <= len(split):
        raise Unusable(f"账号 {account_id} 或第 {part} 专家组不在这次抽取之内；请从席位和候选名单中选择。")
    try:
        watch = Watch(float(made.settings["seconds"]))
        other = solving.forced(made.instance, split, draws.pins_of(made), part, account_id, watch)
    except ProblemError:
        return Forced(None, None, proven=True, sentence="该专家与本组项目有应回避情形，不能入组。")
    if other.status is Standing.INFEASIBLE:
        return Forced(None, None, proven=True, sentence="该专家入组后，席位或构成要求无法满足。")
    total, worst = other.total - made.result["total"], other.worst - made.result["worst"]
    proven = other.status is Standing.OPTIMAL
    sentence = f"该专家入组后，总匹配度变化 {total:+.4f}，最低项目匹配度变化 {worst:+.4f}" + (
        "。" if proven else "（未证明最优）。"
    )
    return Forced(total, worst, proven, sentence)
