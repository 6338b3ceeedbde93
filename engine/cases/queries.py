"""What screens read (查询): plain rows, a fixed number of statements, never a process blob."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from engine import history
from engine.bpmn.ways import ways
from engine.cases.models import CaseFile, Process, Waiting, WorkItem
from engine.catalogue.models import Direction
from engine.errors import NotFound
from engine.people.models import Account, Organization
from engine.people.permissions import may_see_case
from engine.people.roles import INTERNAL, OF_A_UNIT, role_label
from engine.procedures import versions
from engine.vocabulary import CaseStatus, Role


@dataclass(frozen=True)
class CaseView:
    """Everything a case page shows, besides money and notices."""

    case: CaseFile
    unit: Organization
    direction: Direction
    processes: list[Process]
    items: list[WorkItem]
    waits: list[Waiting]
    timeline: Sequence[history.HistoryEntry]
    sentence: str


def case_view(
    session: Session, case_id: int, account: Account, assigned_to: Collection[int] = ()
) -> CaseView:
    """A case for somebody who may see it; NotFound or Forbidden with a sentence otherwise.

    `assigned_to` are the accounts of the experts whom a review round has given the case.
    """
    case = session.get(CaseFile, case_id)
    if case is None:
        raise NotFound(f"没有编号为 {case_id} 的项目。")
    may_see_case(account, case.unit_id, case.recommender_id, assigned_to).require()
    processes = list(
        session.exec(select(Process).where(Process.case_id == case_id).order_by(col(Process.id)))
    )
    open_items = select(WorkItem).where(WorkItem.case_id == case_id, WorkItem.status == "open")
    open_waits = select(Waiting).where(Waiting.case_id == case_id, Waiting.status == "open")
    items, waits = list(session.exec(open_items)), list(session.exec(open_waits))
    over = all(process.ended_at for process in processes)
    return CaseView(
        case=case,
        unit=session.get_one(Organization, case.unit_id),
        direction=session.get_one(Direction, case.direction_code),
        processes=processes,
        items=items,
        waits=waits,
        timeline=history.entries(session, f"case:{case_id}"),
        sentence=_how_it_ended(case) if over else sentence(session, processes, items, waits),
    )


def _how_it_ended(case: CaseFile) -> str:
    return f"流程已办结，结果是“{CaseStatus.of(case.status).zh}”，没有后续步骤。"


def sentence(
    session: Session, processes: Sequence[Process], items: Sequence[WorkItem], waits: Sequence[Waiting]
) -> str:
    """Why the case is here, who holds it and what happens next, in one sentence."""
    parts = [_item_sentence(session, item, processes) for item in items]
    if not parts:
        messages = [
            wait for wait in waits if wait.kind == "message" and not _is_boundary(session, wait, processes)
        ]
        timers = [wait for wait in waits if wait.kind == "timer" and wait not in messages]
        parts = [f"正在“{wait.name}”，由评审轮次统一办理，结果下达后自动继续" for wait in messages]
        parts += [f"正在“{wait.name}”，到期后自动继续" for wait in timers if not parts]
    if not parts:
        return "流程已办结。"
    return "；".join(parts) + "。"


def _element(session: Session, process_id: int, processes: Sequence[Process], key: str, element: str) -> Any:
    process = next(process for process in processes if process.id == process_id)
    return versions.load(session, process.version).element(key, element)


def _is_boundary(session: Session, wait: Waiting, processes: Sequence[Process]) -> bool:
    return bool(_element(session, wait.process_id, processes, wait.process_key, wait.element).attached_to)


def _item_sentence(session: Session, item: WorkItem, processes: Sequence[Process]) -> str:
    running = next(process for process in processes if process.id == item.process_id)
    model = versions.load(session, running.version).processes[item.process_key]
    element = model.elements[item.element]
    why = element.documentation.rstrip("。") or f"流程走到“{item.name}”"
    labels = "、".join(way.label for way in ways(model, element))
    return f"“{item.name}”由{_who(session, item)}办理：{why}；办理后按结果（{labels or '确认'}）继续"


def _who(session: Session, item: WorkItem) -> str:
    """Who has the step: a person, the unit it is the whole unit's, or a desk where nobody has taken it yet."""
    if item.holder_id:
        return session.get_one(Account, item.holder_id).name
    if item.unit_id and item.role in OF_A_UNIT:
        return session.get_one(Organization, item.unit_id).name
    return f"{role_label(item.role)}（待签收）"


def steps(session: Session, process: Process) -> list[tuple[str, str, str]]:
    """The diagram's steps as a text list: (element, name, done | current | ahead), in diagram order."""
    procedure = versions.load(session, process.version)
    current = set(
        session.exec(
            select(WorkItem.element).where(WorkItem.process_id == process.id, WorkItem.status == "open")
        )
    ) | set(
        session.exec(
            select(Waiting.element).where(Waiting.process_id == process.id, Waiting.status == "open")
        )
    )
    done = {
        element
        for entry in history.entries(session, _chain(process))
        if entry.payload.get("process") == process.key
        for _, element, _ in entry.payload.get("passed", [])
    }
    listed = []
    for model in procedure.processes.values():
        for element in model.elements.values():
            if element.kind in ("userTask", "manualTask", "serviceTask", "receiveTask", "callActivity"):
                state = "current" if element.id in current else "done" if element.id in done else "ahead"
                listed.append((element.id, element.name, state))
    return listed


def _chain(process: Process) -> str:
    return f"case:{process.case_id}" if process.case_id else f"round:{process.round_id}"


def internal(account: Account) -> bool:
    """Whether somebody works inside the bureau."""
    return any(role in INTERNAL or role == Role.ADMIN for role in account.roles)
