"""Changing a signed task-book: major and minor changes, one extension, and what none of them may touch."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from engine.cases import changes, extensions
from engine.cases.models import CaseFile, Milestone, Notice
from engine.cases.task_books import versions_of
from engine.clock import local_day
from engine.people.models import Account, Organization
from tests.walks import file_and_establish, sign_task_book
from tests.worlds import Bureau, code, refusal

pytestmark = pytest.mark.usefixtures("true_rows")
NODES = [
    {"title": "样机", "due_on": "2025-06-30", "percent": "40"},
    {"title": "验收", "due_on": "2026-06-30", "percent": "60"},
]


def under_way(world: Bureau, direction: str = "T3-D1-S1", **book: Any) -> CaseFile:
    """A project whose task-book is signed, from July 2024 to July 2026."""
    case = file_and_establish(world, direction)
    sign_task_book(world, **book)
    return case


def ask(world: Bureau, case: CaseFile, **request: Any) -> None:
    """The unit opens a request for change and sends it."""
    changes.open_change(world.session, case, actor=world.accounts["applicant"], now=world.now)
    world.do("fill_change", "submit", **{"reason": "人员调动", **request})


def approve(world: Bureau) -> None:
    """All three agree and the unit signs the supplement."""
    world.do("recommend_change", "agree")
    world.do("review_change", "agree")
    world.do("approve_change", "confirm")
    world.do("sign_supplement", "sign")


def today(world: Bureau) -> date:
    """The day the story is at."""
    return local_day(world.now)


def test_a_major_change_makes_the_next_version_of_the_task_book(world: Bureau) -> None:
    """Name and leader change after approval and signature; the amount stays to the fen."""
    case = under_way(world)
    amount = case.approved_fen

    ask(world, case, happened_on=today(world).isoformat(), title="示例新名称", leader_name="示例新负责人")
    steps = world.open_steps()
    approve(world)

    books = versions_of(world.session, case.id)
    assert "recommend_change" in steps
    assert [(one.version, one.kind, one.title, one.leader_name) for one in books] == [
        (1, "signed", "示例汽车电子控制单元研发", "示例负责人"),
        (2, "supplement", "示例新名称", "示例新负责人"),
    ]
    assert (case.title, case.facts["leader_name"], case.approved_fen) == (
        "示例新名称",
        "示例新负责人",
        amount,
    )
    assert {one.approved_fen for one in books} == {amount}


def test_a_minor_change_is_recorded_without_approval(world: Bureau) -> None:
    """Members and route need no leader: the department records them."""
    case = under_way(world)
    ask(world, case, other="增加两名课题组成员")
    world.do("record_change", "agree")
    assert [one.kind for one in versions_of(world.session, case.id)] == ["signed", "recorded"]


def test_a_change_takes_effect_only_when_the_supplement_is_signed(world: Bureau) -> None:
    """The limit to sign passes: the project stays what it was and the unit is told."""
    case = under_way(world)
    ask(world, case, happened_on=today(world).isoformat(), title="示例新名称")
    world.do("recommend_change", "agree")
    world.do("review_change", "agree")
    world.do("approve_change", "confirm")

    world.now += timedelta(days=60)
    world.settle()

    kinds = set(world.session.exec(select(Notice.kind)))
    assert (case.title, "change_lapsed" in kinds) == ("示例汽车电子控制单元研发", True)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"title": "新名称"}, "请填写变更事由发生日期"),
        ({"title": "新名称", "happened_on": "2024-01-05"}, "应在其后 30 天内申请"),
        ({}, "没有任何一项与现任务书不同"),
        ({"title": "新名称", "happened_on": "2024-04-20", "reason": ""}, "请写明变更事由"),
        ({"unit_credit_code": code("91450200MA0000009"), "happened_on": "2024-04-20"}, "未登记"),
    ],
)
def test_a_change_against_the_rules_is_refused_in_words(
    world: Bureau, request_: dict[str, str], why: str
) -> None:
    """Too late after its cause, nothing to change, or a unit nobody knows."""
    case = under_way(world)
    if "happened_on" in request_ and request_["happened_on"] != "2024-01-05":
        request_ = request_ | {"happened_on": today(world).isoformat()}
    assert why in refusal(lambda: ask(world, case, **request_))


def test_a_change_may_not_lower_a_target_below_the_guide(world: Bureau) -> None:
    """The floor of the guide holds for a supplement as for the application."""
    case = under_way(world, "T1-D2")
    targets = {"dialogue_accuracy": "60"}
    request = {"happened_on": today(world).isoformat(), "indicators": targets}
    assert "考核指标低于指南要求" in refusal(lambda: ask(world, case, **request))


def test_no_request_can_name_an_amount(world: Bureau) -> None:
    """There is no field for money, and an unknown field is refused."""
    case = under_way(world)
    amount = case.approved_fen
    changes.open_change(world.session, case, actor=world.accounts["applicant"], now=world.now)
    said = refusal(lambda: world.do("fill_change", "submit", reason="调增", approved_yuan="900000"))
    assert ("未填好" in said, case.approved_fen) == (True, amount)


def test_the_new_lead_unit_takes_the_open_steps(world: Bureau) -> None:
    """After the change the report is the new unit's, and no longer the old one's."""
    case = under_way(world)
    heir = newcomer(world.session, world.unit.recommender_id)
    ask(world, case, happened_on=today(world).isoformat(), unit_credit_code=heir.credit_code)
    approve(world)
    report = world.item("report", case)
    assert (case.unit_id, report.unit_id, report.role) == (heir.id, heir.id, "applicant")


def newcomer(session: Session, recommender: int | None) -> Organization:
    """Another unit with an account of its own."""
    unit = Organization(
        name="示例重工有限公司",
        credit_code=code("91450200MA0000002"),
        kind="enterprise",
        recommender_id=recommender,
    )
    session.add(unit)
    session.flush()
    account = Account(login="heir", name="示例接手人", password_hash="-", roles=["applicant"])
    account.organization_id = unit.id
    session.add(account)
    session.flush()
    return unit


def extend(world: Bureau, case: CaseFile, until: str) -> None:
    """Asked for, recommended, reviewed and approved."""
    extensions.open_extension(world.session, case, actor=world.accounts["applicant"], now=world.now)
    world.do("fill_extension", "submit", ends_on=until, reason="设备到货推迟")
    world.do("recommend_extension", "agree")
    world.do("review_extension", "agree")
    world.do("approve_extension", "confirm")


def test_an_extension_moves_open_nodes_and_the_open_report(world: Bureau) -> None:
    """Nodes go on by as many days as the end, the open step's limit with them; shares and amount stay."""
    case = under_way(world, "T2-D1-S1", nodes=NODES)
    ends, amount = case.ends_on, case.approved_fen
    assert ends is not None

    extend(world, case, (ends + timedelta(days=180)).isoformat())

    nodes = list(world.session.exec(select(Milestone).order_by(Milestone.position)))  # type: ignore[arg-type]
    report = world.item("node_report", case)
    assert report.due_at is not None
    assert [(node.due_on, node.percent) for node in nodes] == [
        (date(2025, 6, 30) + timedelta(days=180), "40"),
        (date(2026, 6, 30) + timedelta(days=180), "60"),
    ]
    assert (local_day(report.due_at), case.approved_fen) == (nodes[0].due_on, amount)


def test_a_second_extension_is_refused_by_the_engine(world: Bureau) -> None:
    """Once only, whoever asks."""
    case = under_way(world)
    assert case.ends_on is not None
    extend(world, case, (case.ends_on + timedelta(days=100)).isoformat())
    said = refusal(lambda: extend(world, case, (case.ends_on + timedelta(days=30)).isoformat()))  # type: ignore[operator]
    assert "本项目已延期 1 次，最多 1 次" in said


def test_an_extension_is_not_too_long(world: Bureau) -> None:
    """A year at the most."""
    case = under_way(world)
    assert case.ends_on is not None
    until = (case.ends_on + timedelta(days=400)).isoformat()
    assert "不晚于 2027-07-01" in refusal(lambda: extend(world, case, until))


def test_an_extension_is_asked_for_in_time(world: Bureau) -> None:
    """Three months before the end at the latest."""
    case = under_way(world)
    assert case.ends_on is not None
    world.now += (case.ends_on - today(world)) - timedelta(days=80)
    applicant = world.accounts["applicant"]
    late = refusal(lambda: extensions.open_extension(world.session, case, actor=applicant, now=world.now))
    assert late == "延期应在到期前 3 个月（2026-04-01 前）申请，现已过期；请按期结题。"


def test_only_the_own_unit_may_ask(world: Bureau) -> None:
    """The programme officer approves; asking is the unit's."""
    case = under_way(world)
    said = refusal(
        lambda: changes.open_change(world.session, case, actor=world.accounts["programme"], now=world.now)
    )
    assert said == "只有承担单位（或代录纸质材料的受理员）可以申请变更、延期和撤回。"
