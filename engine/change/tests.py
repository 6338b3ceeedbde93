"""Tests kept with a procedure (流程测试): given facts and decisions, the outcome and the amount to expect.

They are run with the real engine, in memory, at every publish. What a test does not decide takes its ordinary
way: the first outcome a step declares; a limit never passes unless the test says so or nothing else can happen.
The amount comes from the product's own money rule, on the facts the test gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engine import history, policy
from engine.bpmn import spiff
from engine.bpmn.model import Element
from engine.bpmn.ways import ways
from engine.catalogue.directions import get_direction
from engine.change.models import ProcedureTest
from engine.change.playing import Answer, Game, Script, collections, in_turn, ordinary, play
from engine.clock import local_day
from engine.errors import KeguanError, NotFound, Unusable
from engine.money import rules
from engine.money.amounts import yuan
from engine.money.facts import check_facts
from engine.money.refusals import Refusal
from engine.people import permissions
from engine.people.models import Account
from engine.procedures import versions
from engine.procedures.versions import Procedure

ROUNDS = 2
"""How often a step takes its ordinary way before a test lets it go on otherwise."""
TIMER = "timer"
"""The word by which a test lets a time limit pass."""


@dataclass(frozen=True)
class TestResult:
    """How a test went: the outcome reached, what was paid in whole yuan, and the elements passed."""

    __test__ = False
    name: str
    passed: bool
    outcome: str | None
    amount_yuan: int
    message: str
    walk: list[str]


@dataclass
class _Run:
    """A test under way: what is left of its decisions, and what was paid."""

    procedure: Procedure
    decisions: dict[str, list[str]]
    actions: dict[str, list[str]]
    payable: Any
    due_yuan: int = 0
    paid_yuan: int = 0
    tranche: int = 1
    trouble: list[str] = field(default_factory=list)
    met: dict[str, int] = field(default_factory=dict)

    def given(self, token: spiff.Token, element: Element) -> Answer | None:
        """What the test decides at this step."""
        left = self.decisions.get(element.id)
        if not left:
            return None
        outcome = left.pop(0)
        return Answer() if token.kind == "timer" else self._answer(token, element, outcome)

    def usual(self, token: spiff.Token, element: Element) -> Answer | None:
        """The ordinary way; a step met again and again takes its next outcome, so that a loop comes to its end."""
        if token.kind == "timer" or token.attached_to is not None:
            return None
        met = self.met[element.id] = self.met.get(element.id, 0) + 1
        declared = ways(self.procedure.processes[token.process], element)
        outcome = declared[min(max(met - ROUNDS, 0), len(declared) - 1)].outcome if declared else "done"
        return self._answer(token, element, outcome)

    def _answer(self, token: spiff.Token, element: Element, outcome: str) -> Answer:
        return replace(ordinary(self.procedure, token, element), outcome=outcome)

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:  # noqa: ARG002
        left = self.actions.get(element) or self.actions.get(operator)
        given = left.pop(0) if left else None
        if operator == "compute_payable":
            return self._compute(given)
        if operator == "record_payment":
            self.paid_yuan += self.due_yuan
            self.tranche += 1
            self.met.clear()  # the next payment goes through the same steps, and is no loop
        return given or "done"

    def _compute(self, given: str | None) -> str:
        try:
            decision = self.payable(self.tranche)
        except KeguanError as error:
            self.trouble.append(error.message)
            return given or "refused"
        if isinstance(decision, Refusal):
            self.trouble.append(decision.message)
            return given or "refused"
        self.due_yuan = decision.amount_yuan
        return given or ("payable" if self.due_yuan else "nothing")


def run_test(session: Session, test: ProcedureTest, files: Mapping[str, bytes], now: datetime) -> TestResult:
    """Run one test on the procedure as these files make it."""
    procedure = versions.assemble(versions.closure(files, test.key), test.key)
    run = _Run(
        procedure,
        {key: list(each) for key, each in test.decisions.items()},
        {key: list(each) for key, each in test.actions.items()},
        lambda tranche: _payable(session, test, tranche),
    )
    script = Script(policy.values(session, local_day(now)), run.act)
    game = play(
        procedure, script, in_turn(procedure, run.given, run.usual, _let_pass), collections(procedure, PEOPLE)
    )
    return _judge(test, run, game)


PEOPLE = (1, 2, 3)
"""How many do a step that is done by several at once."""


def _let_pass(token: spiff.Token, element: Element) -> Answer | None:  # noqa: ARG001
    """Nothing else can happen: a wait that is no limit on a step comes to its end."""
    return Answer() if token.kind == "timer" and token.attached_to is None else None


def _judge(test: ProcedureTest, run: _Run, game: Game) -> TestResult:
    problems = []
    if game.trouble:
        problems.append(game.trouble)
    if not game.ended and not game.trouble:
        names = "、".join(f"“{token.name or token.element}”" for token in game.waits)
        problems.append(f"停在{names}，没有办结。")
    if game.ended and game.outcome != test.expected_outcome:
        problems.append(f"结果应为 {test.expected_outcome}，实际为 {game.outcome}。")
    if test.expected_fen is not None and run.paid_yuan * 100 != test.expected_fen:
        expected, reasons = yuan(test.expected_fen // 100), "".join(run.trouble)
        problems.append(f"拨付应为 {expected}，实际为 {yuan(run.paid_yuan)}。{reasons}")
    for element, left in run.decisions.items():
        if left:
            problems.append(f"测试给“{element}”的决定（{'、'.join(left)}）没有用上：流程没有走到这一步。")
    message = "".join(problems) or f"通过：结果 {game.outcome}，拨付 {yuan(run.paid_yuan)}。"
    return TestResult(test.name, not problems, game.outcome, run.paid_yuan, message, game.walk)


def _payable(session: Session, test: ProcedureTest, tranche: int) -> rules.Payable | Refusal:
    if not test.direction_code:
        raise Unusable(f"测试“{test.name}”走到核定金额，但没有写明方向；请补充方向代码。")
    spec = get_direction(session, test.direction_code)
    stated = dict(test.facts)
    if spec.payment_trigger == "milestone":
        stated.setdefault("pay_tranche", tranche)
    return rules.decide(spec, "payment", check_facts(stated))


def run_all(session: Session, key: str, files: Mapping[str, bytes], now: datetime) -> list[TestResult]:
    """Every test kept with a procedure, on the procedure as these files make it."""
    return [run_test(session, test, files, now) for test in tests_of(session, key)]


def tests_of(session: Session, key: str) -> list[ProcedureTest]:
    """The tests kept with a procedure, in the order they were written."""
    statement = select(ProcedureTest).where(ProcedureTest.key == key).order_by(col(ProcedureTest.id))
    return list(session.exec(statement))


def save_test(
    session: Session,
    *,
    key: str,
    name: str,
    expected_outcome: str,
    actor: Account,
    now: datetime,
    direction_code: str = "",
    facts: Mapping[str, Any] | None = None,
    decisions: Mapping[str, list[str]] | None = None,
    actions: Mapping[str, list[str]] | None = None,
    expected_yuan: int | None = None,
) -> ProcedureTest:
    """Keep a test with a procedure, in the place of one of the same name.

    Raises Unusable when the facts cannot be read, and NotFound for an unknown procedure or direction.
    """
    permissions.may_administer(actor).require()
    if key not in versions.keys(session):
        raise NotFound(f"没有名为“{key}”的流程；测试只能随流程保存。")
    if not name.strip() or not expected_outcome.strip():
        raise Unusable("请填写测试名称和应有的结果。")
    check_facts(dict(facts or {}))
    if direction_code:
        get_direction(session, direction_code)
    known = select(ProcedureTest).where(ProcedureTest.key == key, ProcedureTest.name == name)
    test = session.exec(known).first() or ProcedureTest(
        key=key, name=name, expected_outcome="", created_by=actor.login, created_at=now
    )
    test.direction_code, test.facts = direction_code, dict(facts or {})
    test.decisions = {element: list(each) for element, each in (decisions or {}).items()}
    test.actions = {element: list(each) for element, each in (actions or {}).items()}
    test.expected_outcome = expected_outcome
    test.expected_fen = None if expected_yuan is None else expected_yuan * 100
    session.add(test)
    session.flush()
    history.record(
        session,
        f"procedure:{key}",
        at=now,
        actor=actor.login,
        verb="save_test",
        summary=f"保存流程测试：{name}",
        payload=test.model_dump(
            include={"decisions", "actions", "facts", "expected_outcome", "expected_fen"}
        ),
    )
    return test


def delete_test(session: Session, test_id: int, *, actor: Account, now: datetime) -> None:
    """Take a test away from its procedure; the history keeps what it said."""
    permissions.may_administer(actor).require()
    test = session.get(ProcedureTest, test_id)
    if test is None:
        raise NotFound("这个测试已不存在；请刷新页面。")
    history.record(
        session,
        f"procedure:{test.key}",
        at=now,
        actor=actor.login,
        verb="delete_test",
        summary=f"删除流程测试：{test.name}",
    )
    session.delete(test)
    session.flush()
