"""The work every benchmark of a step does: one lifecycle, its answers, and a database of cases living it.

`straight` is the procedure other engines were measured on: 15 human tasks and 5 exclusive gateways whose tasks
8 to 10 are done three times, 21 completions a case. `looping` is a milestone report and its review, round after
round. Both are ordinary diagrams of the product (lanes, forms, working-day limits), and any engine can read
them: a step's way on depends only on the outcome of the step before it.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine
from sqlmodel import Session, select

from engine import assembly, db
from engine.cases import door
from engine.cases.models import CaseFile, WorkItem
from engine.people.models import Account
from engine.procedures import versions
from seed.calendar import load_calendar_days
from seed.policies import load_policies

assert assembly.FORMS
NOW = datetime(2024, 3, 11, 2, 0, tzinfo=UTC)
TASKS = 15
GATEWAYS = (3, 6, 10, 12, 14)
"""Task numbers a gateway follows; the one after task 10 leads back to task 8 while its outcome is `again`."""
ANSWERS = [
    *((f"t{number}", "ok") for number in range(1, 10)),
    *(("t10", "again"), ("t8", "ok"), ("t9", "ok")) * 2,
    *((f"t{number}", "ok") for number in range(10, TASKS + 1)),
]
"""Step by step, the task that waits and its outcome."""
WORDS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥 0123456789"
CASE_DATA = {
    f"field_{number:02d}": "".join(random.Random(number).choices(WORDS, k=70)) for number in range(22)
}
"""About 4 kB as JSON, and no more compressible than forms are."""

Flow = tuple[str, str, str | None]


def straight() -> bytes:
    """The 15 tasks and 5 gateways as BPMN text."""
    nodes = ['<bpmn:startEvent id="begin"/>', '<bpmn:endEvent id="done"/>']
    flows: list[Flow] = []
    previous = "begin"
    for number in range(1, TASKS + 1):
        task, following = f"t{number}", f"t{number + 1}"
        nodes.append(_task(task, "ok,again,refuse"))
        flows.append((previous, task, None))
        previous = task
        if number in GATEWAYS:
            gateway = f"g{number}"
            nodes.append(f'<bpmn:exclusiveGateway id="{gateway}" default="{gateway}_{following}"/>')
            aside = (
                ("t8", f"{task}_outcome == 'again'")
                if number == 10
                else ("done", f"{task}_outcome == 'refuse'")
            )
            flows += [(task, gateway, None), (gateway, *aside)]
            previous = gateway
    return _document("straight", nodes, [*flows, (previous, "done", None)])


def looping() -> bytes:
    """A report and its review, again and again until the review says it was the last."""
    nodes = [
        '<bpmn:startEvent id="begin"/>',
        '<bpmn:endEvent id="done"/>',
        '<bpmn:exclusiveGateway id="more" default="more_report"/>',
        _task("report", "ok"),
        _task("review", "ok,last"),
    ]
    flows: list[Flow] = [
        ("begin", "report", None),
        ("report", "review", None),
        ("review", "more", None),
        ("more", "report", None),
        ("more", "done", "review_outcome == 'last'"),
    ]
    return _document("looping", nodes, flows)


def _task(name: str, outcomes: str) -> str:
    properties = {"form": "confirmation", "limit": "limit_review", "outcomes": outcomes}
    lines = "".join(f'<s:property name="{key}" value="{value}"/>' for key, value in properties.items())
    return (
        f'<bpmn:userTask id="{name}" name="步骤{name}"><bpmn:extensionElements>'
        f"<s:properties>{lines}</s:properties></bpmn:extensionElements></bpmn:userTask>"
    )


def _document(key: str, nodes: list[str], flows: list[Flow]) -> bytes:
    lines = [
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        + (f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else "")
        + "</bpmn:sequenceFlow>"
        for source, target, condition in flows
    ]
    inside = sorted({source for source, _, _ in flows} | {"done"})
    lane = "".join(f"<bpmn:flowNodeRef>{name}</bpmn:flowNodeRef>" for name in inside)
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="benchmark" id="d">'
        f'<bpmn:process id="{key}" name="{key}" isExecutable="true"><bpmn:laneSet id="lanes">'
        f'<bpmn:lane id="lane" name="业务科室">{lane}</bpmn:lane></bpmn:laneSet>'
        f"{''.join(nodes + lines)}</bpmn:process></bpmn:definitions>"
    ).encode()


@dataclass(frozen=True)
class Product:
    """A database with the benchmark's procedures published, the shipped policy and one officer."""

    engine: Engine
    officer: Account

    def open_cases(self, key: str, count: int) -> list[int]:
        """Cases of a procedure, each at its first step; returns their numbers."""
        with db.writing(self.engine) as session:
            cases = [self._open(session, key) for _ in range(count)]
        return [case.id or 0 for case in cases]

    def _open(self, session: Session, key: str) -> CaseFile:
        case = CaseFile(
            direction_code="T1-D1-S1",
            unit_id=1,
            applicant_id=1,
            status="draft",
            facts=CASE_DATA,
            opened_at=NOW,
        )
        session.add(case)
        session.flush()
        door.start(session, key, kind="case", actor=self.officer, now=NOW, case=case)
        return case

    def waiting(self, case: int) -> tuple[int, str]:
        """The open work item of a case and its step, as an inbox would show it."""
        with db.reading(self.engine) as session:
            found = select(WorkItem.id, WorkItem.element).where(
                WorkItem.case_id == case, WorkItem.status == "open"
            )
            item, element = session.exec(found).one()
        return item or 0, element

    def step(self, item: int, outcome: str) -> None:
        """The officer completes a work item: one transaction through the door."""
        with db.writing(self.engine) as session:
            door.complete(
                session, item, actor=self.officer, payload={"outcome": outcome, "comment": "同意。"}, now=NOW
            )


@contextmanager
def product() -> Iterator[Product]:
    """A new product on SQLite (WAL, synchronous=FULL) in a temporary folder; gone afterwards."""
    with TemporaryDirectory() as folder:
        engine = db.open_engine(f"sqlite:///{Path(folder) / 'product.sqlite'}")
        db.migrate(engine)
        with db.writing(engine) as session:
            load_calendar_days(session)
            load_policies(session)
            for key, source in (("straight", straight()), ("looping", looping())):
                sources = {f"{key}.bpmn": source}
                versions.publish(session, sources, key, at=NOW, by="benchmark", note="benchmark")
            officer = Account(login="officer", name="示例业务员", password_hash="-", roles=["programme"])
            session.add(officer)
        yield Product(engine, officer)
        engine.dispose()
