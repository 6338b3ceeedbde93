"""Batches: several units' applications on their way through one round."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import select

from engine import policy
from engine.cases import door
from engine.cases.models import CaseFile, Process, WorkItem
from engine.clock import local_day
from engine.jobs.draws import run_draws
from engine.people.models import Account, Expert, Organization
from engine.reviewing import draws, objections, rounds, withdrawals
from engine.reviewing.models import Draw, ReviewRound
from engine.reviewing.wishes import NO_WISH, Wish
from tests.walks import file_application, pass_formal_check
from tests.worlds import Bureau, code

DIRECTION = "T3-D1-S1"


def another_unit(world: Bureau, number: int) -> None:
    """From here on a different unit applies."""
    unit = Organization(
        name=f"示例科技公司{number}",
        credit_code=code(f"91450200MA00010{number:02d}"),
        kind="enterprise",
        county="示例区",
        recommender_id=world.unit.recommender_id,
    )
    world.session.add(unit)
    world.session.flush()
    world.unit, world.accounts["applicant"].organization_id = unit, unit.id


def batch(world: Bureau, count: int, direction: str = DIRECTION) -> list[CaseFile]:
    """So many applications of as many units, formally checked and waiting for review."""
    cases = []
    for number in range(count):
        another_unit(world, number)
        cases.append(file_application(world, direction, requested_yuan="100000"))
        pass_formal_check(world, cases[-1])
    return cases


def open_round(
    world: Bureau,
    quota: int | None = None,
    direction: str = DIRECTION,
    *,
    mode: str = "panel",
    grouped: bool = True,
) -> ReviewRound:
    """A round of all that wait, with this quota, grouped to be reviewed by one panel or by letter."""
    opened = rounds.open_round(world.session, direction, actor=world.accounts["programme"], now=world.now)
    opened.quota = quota
    if grouped:
        world.do("group", "confirm", mode=mode)
    return opened


def score(world: Bureau, percents: Mapping[int, int], *, only: int | None = None) -> None:
    """The panel gives each case (by id) this share of every dimension's weight; `only` so many sheets."""
    values = policy.values(world.session, local_day(world.now))
    statement = select(WorkItem).where(WorkItem.element == "score", WorkItem.status == "open")
    items = sorted(world.session.exec(statement), key=lambda item: item.id or 0)
    for number, item in enumerate(items):
        actor = world.session.get_one(Account, item.holder_id)
        payload: dict[str, Any] = {"outcome": "excuse", "comment": "与申报单位有合作"}
        if only is None or number < only:
            weights = rounds.rubric_of(values, item.direction_code)["dimensions"]
            rows = [
                {
                    "case_id": case,
                    "points": {d["key"]: str(Decimal(d["weight"]) * percent / 100) for d in weights},
                    "recommend": percent >= 70,
                }
                for case, percent in percents.items()
            ]
            payload = {"outcome": "submit", "rows": rows}
        door.complete(world.session, item.id or 0, actor=actor, payload=payload, now=world.now)


def score_own(world: Bureau, percents: Mapping[int, int]) -> None:
    """Every open sheet gives its own applications these shares."""
    statement = select(WorkItem).where(WorkItem.element == "score", WorkItem.status == "open")
    values = policy.values(world.session, local_day(world.now))
    for item in sorted(world.session.exec(statement), key=lambda one: one.id or 0):
        weights = rounds.rubric_of(values, item.direction_code)["dimensions"]
        rows = [
            {
                "case_id": case,
                "points": {d["key"]: str(Decimal(d["weight"]) * percents[case] / 100) for d in weights},
                "recommend": True,
            }
            for case in rounds.own_cases(world.session, item)
        ]
        actor = world.session.get_one(Account, item.holder_id)
        door.complete(
            world.session,
            item.id or 0,
            actor=actor,
            payload={"outcome": "submit", "rows": rows},
            now=world.now,
        )


def reviewed(
    world: Bureau, percents: list[int], quota: int | None = None
) -> tuple[ReviewRound, list[CaseFile]]:
    """A batch scored with these means (percent) and told so, ready for the proposal."""
    cases = batch(world, len(percents))
    opened = open_round(world, quota)
    world.seat_panel()
    score(world, dict(zip([case.id or 0 for case in cases], percents, strict=True)))
    world.do("confirm_ranking", "proceed")
    world.settle()
    return opened, cases


def put_on_notice(world: Bureau, **proposal: Any) -> None:
    """Proposed, agreed by everybody and posted."""
    world.do("propose", "submit", **proposal)
    world.do("plan_funds", "agree")
    world.do("meeting", "agree")
    world.do("consult", "agree")
    world.settle()


def finish(world: Bureau) -> None:
    """The notice runs out, the government approves, the document is issued."""
    world.now += timedelta(days=10)
    world.settle()
    world.do("government", "approve")
    world.do("issue", "issued", number="示科发〔2024〕1号")
    world.settle()


def object_to(world: Bureau, case: CaseFile) -> Process:
    """A neighbour objects in writing."""
    return objections.open_objection(
        world.session,
        case,
        actor=world.accounts["planning"],
        raised_by="示例公司",
        contact="0772-0000000",
        content="主要成果为他人所有",
        now=world.now,
    )


def settle_objection(world: Bureau, outcome: str) -> None:
    """Taken in, investigated, decided."""
    world.do("accept_objection", "accept")
    world.do("investigate", "done", findings="已核查")
    world.do("decide_objection", outcome, comment="见核查情况")
    world.settle()


def statuses(cases: list[CaseFile]) -> list[str]:
    """Where the batch stands."""
    return [case.status for case in cases]


def widen_pool(world: Bureau, count: int = 12) -> None:
    """More experts, each of a unit of its own: every third a finance expert, half of them from outside."""
    start = len(world.session.exec(select(Expert.id)).all())
    for number in range(start + 1, start + count + 1):
        home = Organization(
            name=f"示例大学{number}", credit_code=code(f"124500000000000{number:02d}"), kind="university"
        )
        account = Account(
            login=f"expert{number}", name=f"示例专家{number}", password_hash="-", roles=["expert"]
        )
        world.session.add_all([home, account])
        world.session.flush()
        world.session.add(
            Expert(
                account_id=account.id or 0,
                organization_id=home.id or 0,
                person_key=f"person{number}",
                title="教授",
                domains=["510"],
                kinds=["finance" if number % 3 == 0 else "technical"],
                outside_city=number % 2 == 0,
                term_until=date(2028, 1, 1),
            )
        )
    world.session.flush()


def prepare(world: Bureau, round_id: int, wish: Wish = NO_WISH) -> Draw:
    """The drawing officer asks, with a reason where a panel was published before; the worker answers."""
    if world.session.get_one(ReviewRound, round_id).panel_no and not wish.reason:
        wish = replace(wish, reason="补抽")
    made = draws.prepare(world.session, round_id, actor=world.accounts["drawing"], now=world.now, wish=wish)
    work(world)
    return world.session.get_one(Draw, made.id)


def work(world: Bureau) -> None:
    """The worker solves what waits."""
    world.session.commit()
    run_draws(world.session.get_bind(), world.now)  # type: ignore[arg-type]
    world.session.expire_all()


def publish(world: Bureau, made: Draw, number: str = "42") -> None:
    """Lots before the witness, and the invitations go out."""
    actor = world.accounts["drawing"]
    draws.draw_lots(
        world.session, made.id or 0, actor=actor, now=world.now, witness="纪检监督员", number=number
    )
    draws.publish(world.session, made.id or 0, actor=actor, now=world.now)


def drawn(world: Bureau, count: int = 1, pool: int = 12) -> tuple[int, Draw]:
    """A batch in a round of its own with a published draw from a wider pool; its number and the draw."""
    batch(world, count)
    widen_pool(world, pool)
    opened = open_round(world)
    made = prepare(world, opened.id or 0)
    publish(world, made)
    return opened.id or 0, made


def invitation(world: Bureau, account_id: int) -> WorkItem:
    """Somebody's open invitation."""
    statement = select(WorkItem).where(
        WorkItem.element == "respond", WorkItem.status == "open", WorkItem.holder_id == account_id
    )
    return world.session.exec(statement).one()


def reply(world: Bureau, account_id: int, outcome: str, **form: Any) -> None:
    """An expert answers the invitation."""
    item = invitation(world, account_id)
    actor = world.session.get_one(Account, account_id)
    door.complete(
        world.session, item.id or 0, actor=actor, payload={"outcome": outcome, **form}, now=world.now
    )


def withdraw(world: Bureau, case: CaseFile) -> None:
    """The unit asks, the department confirms."""
    withdrawals.open_withdrawal(world.session, case, actor=world.accounts["applicant"], now=world.now)
    world.do("fill_withdrawal", "submit", case, reason="企业战略调整")
    world.do("check_withdrawal", "agree", case)
    world.settle()
