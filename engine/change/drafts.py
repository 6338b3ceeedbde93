"""Drafts of diagrams and decision tables (草稿): one for each part and admin, saved as one types.

A part is any process or decision of a procedure in force, called ones too. A draft holds only the part's own
file; everything else is as in force, so what a draft would become can always be told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session, select

from engine.bpmn.model import Diagram
from engine.bpmn.reader import read
from engine.bpmn.safe_xml import MAX_BYTES
from engine.change import blank
from engine.change.models import ProcedureDraft
from engine.errors import Conflict, NotFound, Refused, Unusable
from engine.people import permissions
from engine.people.models import Account
from engine.procedures import versions
from engine.procedures.models import ProcedureVersion

read_kept = lru_cache(maxsize=256)(read)
"""Files read once: every question here is about the same two dozen."""


@dataclass(frozen=True)
class Part:
    """Something that can be edited: a process or a decision table, the file it is in and who calls it."""

    key: str
    title: str
    file: str
    kind: str
    """bpmn or dmn."""
    started: bool
    """Whether it is a procedure itself; otherwise it is part of those in `parents`."""
    parents: tuple[str, ...] = field(default=())


def live_files(session: Session, now: datetime) -> dict[str, bytes]:
    """Every file of every procedure in force, by name; of two texts of one name the one put in force last."""
    found: dict[str, bytes] = {}
    running = [
        versions.in_force(session, key, now) for key in versions.keys(session) if _begun(session, key, now)
    ]
    rows = [session.get_one(ProcedureVersion, name) for name in running]
    for row in sorted(rows, key=lambda one: _released(session, one, now)):
        found |= {file: text.encode() for file, text in row.sources.items()}
    return found


def _begun(session: Session, key: str, now: datetime) -> bool:
    return any(one.effective_at <= now for one in versions.releases(session, key))


def _released(session: Session, version: ProcedureVersion, now: datetime) -> tuple[datetime, int]:
    return next(
        (one.effective_at, one.id or 0)
        for one in versions.releases(session, version.key)
        if one.version == version.hash and one.effective_at <= now
    )


def parts(session: Session, now: datetime) -> list[Part]:
    """Everything that can be edited, procedures first, each with the procedures that use it."""
    files, started = live_files(session, now), set(versions.keys(session))
    using: dict[str, list[str]] = {}
    for key in sorted(started):
        for name in versions.closure(files, key):
            using.setdefault(name, []).append(key)
    found = [
        Part(key, title, name, read_kept(content, name).kind, key in started, tuple(using.get(name, ())))
        for name, content in files.items()
        for key, title in contents(read_kept(content, name))
    ]
    return sorted(found, key=lambda part: (not part.started, part.key))


def contents(diagram: Diagram) -> list[tuple[str, str]]:
    """The ids and titles a file defines."""
    return [(process.id, process.name or process.id) for process in diagram.processes] + [
        (decision.id, decision.name or decision.id) for decision in diagram.decisions
    ]


def home(files: Mapping[str, bytes], key: str) -> str:
    """The file that defines a process or decision; NotFound with a sentence when none does."""
    for name, content in files.items():
        if key in dict(contents(read_kept(content, name))):
            return name
    raise NotFound(f"没有名为“{key}”的流程或决策表；请从流程列表进入。")


def open_draft(session: Session, key: str, *, actor: Account, now: datetime) -> ProcedureDraft:
    """This admin's draft of a part, begun from what is in force when there is none yet."""
    permissions.may_administer(actor).require()
    kept = _mine(session, key, actor)
    if kept is not None:
        return kept
    files = live_files(session, now)
    name = home(files, key)
    text = files[name].decode()
    return _add(
        session,
        ProcedureDraft(key=key, owner=actor.login, files={name: text}, base={name: text}, updated_at=now),
    )


def new_procedure(session: Session, key: str, title: str, *, actor: Account, now: datetime) -> ProcedureDraft:
    """A draft of a process that does not exist yet: a start, one step and an end."""
    permissions.may_administer(actor).require()
    if not key.isidentifier() or not key.isascii():
        raise Unusable(f"流程编号“{key}”不合格；请只用英文字母、数字和下划线，且不以数字开头。")
    taken = {part.key for part in parts(session, now)}
    if key in taken or _mine(session, key, actor) is not None:
        raise Refused(f"流程编号“{key}”已经在用；请换一个编号。")
    name = f"{key}.bpmn"
    text = blank.PROCESS.format(key=key, title=_escaped(title or key))
    return _add(
        session, ProcedureDraft(key=key, owner=actor.login, files={name: text}, base={}, updated_at=now)
    )


def add_decision(
    session: Session, draft_id: int, key: str, title: str, *, actor: Account, now: datetime
) -> str:
    """A new decision table in a draft, for a step of its diagram to ask; returns its file's name."""
    draft = _own(session, draft_id, actor)
    if not key.isidentifier() or not key.isascii():
        raise Unusable(f"决策表编号“{key}”不合格；请只用英文字母、数字和下划线，且不以数字开头。")
    name = f"{key}.dmn"
    if name in draft.files or key in {part.key for part in parts(session, now)}:
        raise Refused(f"编号“{key}”已经在用；请换一个编号。")
    text = blank.DECISION.format(key=key, title=_escaped(title or key))
    _keep(session, draft, {name: text}, now)
    return name


def import_file(
    session: Session, key: str, file: str, content: bytes, *, actor: Account, now: datetime
) -> ProcedureDraft:
    """Put an uploaded file in the place of the draft's own, whatever modeler made it.

    Raises Unusable when it is no readable BPMN or DMN file; what it may not hold is what the check then finds.
    """
    diagram = read(content, file)
    keys = [one for one, _ in contents(diagram)]
    if key not in keys:
        raise Unusable(
            f"文件 {file} 里没有编号为“{key}”的流程，只有 {'、'.join(keys) or '（无）'}；请在建模工具里改正流程编号。"
        )
    if not diagram.drawn:
        raise Unusable(
            f"文件 {file} 里只有流程，没有图形位置（BPMNDI），编辑器无法显示；请在建模工具里打开并保存一次再导入。"
        )
    draft = _mine(session, key, actor) or open_draft(session, key, actor=actor, now=now)
    name = next(iter(draft.files))
    return _keep(session, draft, {name: content.decode("utf-8-sig")}, now)


def export_file(session: Session, draft_id: int, file: str) -> bytes:
    """A draft's file for any modeler."""
    draft = get_draft(session, draft_id)
    if file not in draft.files:
        raise NotFound(f"草稿里没有文件 {file}。")
    return draft.files[file].encode()


def save_draft(
    session: Session, draft_id: int, file: str, text: str, *, revision: int, actor: Account, now: datetime
) -> int:
    """Keep what is on the screen; returns the new revision.

    Conflict when the draft was saved from another window since `revision`. A half-finished diagram is kept
    as it is, only a text that is too large is not.
    """
    draft = _own(session, draft_id, actor)
    if draft.revision != revision:
        raise Conflict("这份草稿已在另一个窗口保存过；请刷新页面后再编辑，以免互相覆盖。")
    if file not in draft.files:
        raise NotFound(f"草稿里没有文件 {file}。")
    if len(text.encode()) > MAX_BYTES:
        raise Unusable(f"草稿超过 {MAX_BYTES // 1_000_000} MB，不能保存；请删除多余内容。")
    return _keep(session, draft, {file: text}, now).revision


def discard_draft(session: Session, draft_id: int, *, actor: Account) -> None:
    """Throw a draft of one's own away; what is in force is untouched."""
    session.delete(_own(session, draft_id, actor))
    session.flush()


def get_draft(session: Session, draft_id: int) -> ProcedureDraft:
    """A draft by its number."""
    found = session.get(ProcedureDraft, draft_id)
    if found is None:
        raise NotFound("这份草稿已不存在；请从流程列表重新打开。")
    return found


def files_of(draft: ProcedureDraft) -> dict[str, bytes]:
    """A draft's own files, as a check or a proof takes them."""
    return {name: text.encode() for name, text in draft.files.items()}


def drafts_of(session: Session, login: str) -> list[ProcedureDraft]:
    """All drafts of one admin."""
    return list(session.exec(select(ProcedureDraft).where(ProcedureDraft.owner == login)))


def _own(session: Session, draft_id: int, actor: Account) -> ProcedureDraft:
    """A draft of this admin's; those of others can only be looked at."""
    permissions.may_administer(actor).require()
    draft = get_draft(session, draft_id)
    if draft.owner != actor.login:
        raise Refused("这是其他管理员的草稿，只能查看；请打开自己的草稿再编辑。")
    return draft


def _mine(session: Session, key: str, actor: Account) -> ProcedureDraft | None:
    statement = select(ProcedureDraft).where(ProcedureDraft.key == key, ProcedureDraft.owner == actor.login)
    return session.exec(statement).first()


def _add(session: Session, draft: ProcedureDraft) -> ProcedureDraft:
    session.add(draft)
    session.flush()
    return draft


def _keep(session: Session, draft: ProcedureDraft, files: dict[str, str], now: datetime) -> ProcedureDraft:
    draft.files = draft.files | files
    draft.revision += 1
    draft.updated_at = now
    session.flush()
    return draft


def _escaped(title: str) -> str:
    return title.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")[:200]
