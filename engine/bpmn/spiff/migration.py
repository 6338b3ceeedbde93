"""A saved position carried over to another definition (迁移): by ids, without running anything.

A saved state holds only what is live, the finished task it hangs under and, where branches meet, what a waiting
join has counted. Each row keeps the engine's id, so a person's open step stays the same token; only the node it
stands on is another. Time limits and messages attached to a live step are brought to what the new diagram has:
new ones begin to wait, dropped ones go. Whatever has no place in the new diagram is refused with a sentence;
the caller restores the result before anything is kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, EventBasedGateway, ParallelGateway
from SpiffWorkflow.spiff.specs.defaults import (
    CallActivity,
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
    SubWorkflowTask,
)
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.spiff import state
from engine.bpmn.spiff.reading import Definition
from engine.errors import Unusable

SPLIT, JOIN, CHILD = ".BoundaryEventSplit", ".BoundaryEventJoin", " [child]"
_WRAPPED = (SPLIT, JOIN, CHILD)
_CALLS = (CallActivity, SubWorkflowTask)
_MANY = (ParallelMultiInstanceTask, SequentialMultiInstanceTask)


@dataclass
class _Row:
    """One engine task of a saved state, with its parent and children as rows."""

    id: str
    state: int
    name: str
    triggered: int
    internal: dict[str, Any]
    parent: "_Row | None" = None
    children: list["_Row"] = field(default_factory=list)
    was: str = ""
    """Its name in the old diagram."""

    @property
    def live(self) -> bool:
        return bool(TaskState.WAITING <= self.state < TaskState.COMPLETED)

    @property
    def element(self) -> str:
        """The diagram's own id, without what the engine wraps around it."""
        return next((self.name.removesuffix(end) for end in _WRAPPED if self.name.endswith(end)), self.name)

    @property
    def wrapping(self) -> str:
        """What the engine wraps around the element, or nothing."""
        return self.name[len(self.element) :]


def migrate(old: Definition, new: Definition, blob: bytes, mapping: Mapping[tuple[str, str], str]) -> bytes:
    """The position saved under `old`, as a state of `new`.

    `mapping` takes (process or subprocess, element) of the old diagram to an element of the new one; an element
    that is not in it keeps its id. Raises Unusable when a live step has no place in the new diagram.
    """
    saved = state.unpack(blob, old)
    specs: dict[str | None, tuple[Any, Any]] = {None: (old.spec, new.spec)}
    calling = {parent for parent, *_ in saved["workflows"]}
    workflows = []
    for parent, completed, data, rows in saved["workflows"]:  # callers come before those they call
        before, after = specs[parent]
        root = _grow(rows)[0]
        _Carrier(before, after, mapping, old, new).carry(root)
        for row in _in_order(root):
            if row.id in calling:
                called, recalled = before.task_specs[row.was].spec, after.task_specs[row.name].spec
                specs[row.id] = old.subprocess_specs[called], new.subprocess_specs[recalled]
        workflows.append([parent, completed, data, _rows(root)])
    return state.pack(saved | {"key": new.key, "workflows": workflows})


@dataclass(frozen=True)
class _Carrier:
    """One process of a saved state on its way from the old spec to the new one."""

    old: Any
    new: Any
    mapping: Mapping[tuple[str, str], str]
    old_definition: Definition
    new_definition: Definition

    def carry(self, root: _Row) -> None:
        """Rename every row to the new diagram's nodes and bring the boundary events up to date."""
        rows = list(_in_order(root))
        counted = any(row.live and isinstance(self._old(row), ParallelGateway) for row in rows)
        hosts = [row for row in rows if row.live and self._is_host(row)]
        before = {row.id: self._attached(self.old, row.element) for row in hosts}
        for row in rows:
            self._rename(row, needed=counted)
        for row in hosts:
            self._renew_boundary(row, before[row.id])

    def _old(self, row: _Row) -> Any:
        if row.name not in self.old.task_specs:
            raise Unusable("保存的流程状态与它的流程版本不符，无法迁移；请先从备份恢复该办件。")
        return self.old.task_specs[row.name]

    def _is_host(self, row: _Row) -> bool:
        """A live step itself, not an event on it, not one of its instances, not a branch waiting to join."""
        spec = self._old(row)
        return not row.wrapping and not isinstance(spec, BoundaryEvent) and bool(spec.bpmn_id)

    def _target(self, element: str) -> str:
        return self.mapping.get((self.old.name, element), element)

    def _rename(self, row: _Row, *, needed: bool) -> None:
        spec, name = self._old(row), self._target(row.element) + row.wrapping
        found = self.new.task_specs.get(name)
        if row.state == TaskState.WAITING and isinstance(spec, BoundaryEvent) and found is None:
            return  # dropped with the step's other events below
        if not row.live and row.state >= TaskState.COMPLETED:
            row.name = name if found is not None else self._forgotten(row, needed=needed)
            return
        self._require_alike(row, spec, found)
        row.name = name

    def _forgotten(self, row: _Row, *, needed: bool) -> str:
        """A finished node that is gone: nothing asks for it again, unless branches still have to meet."""
        if needed:
            raise Unusable(f"“{self._title(row)}”已办结且在并行分支中，新图中没有对应的节点，无法迁移。")
        return str(self.new.start.name)

    def _require_alike(self, row: _Row, old: Any, new: Any) -> None:
        title = self._title(row)
        if new is None:
            raise Unusable(f"正在“{title}”，新图中没有这一步；请为它指定对应的步骤。")
        if _kind(old) != _kind(new):
            raise Unusable(
                f"正在“{title}”，新图中的“{new.bpmn_name or new.bpmn_id}”不是同一种步骤，无法迁移。"
            )
        if self._waits_for(self.old_definition, old) != self._waits_for(self.new_definition, new):
            raise Unusable(f"正在“{title}”等待，新图中等待的内容不同，无法迁移。")
        if isinstance(old, EventBasedGateway):
            names = {self._target(one.name) for one in old.outputs}
            if names != {one.name for one in new.outputs}:
                raise Unusable(f"正在“{title}”等待，新图中等待的分支不同，无法迁移。")

    @staticmethod
    def _waits_for(definition: Definition, spec: Any) -> tuple[str | None, bool]:
        """The message, or whether it is a time limit: how long it runs may change, what comes may not."""
        node = definition.nodes.get(spec)
        return (node.message, node.expression is not None) if node else (None, False)

    def _title(self, row: _Row) -> str:
        spec = self.old.task_specs.get(row.element) or self.old.task_specs.get(row.name)
        return str(getattr(spec, "bpmn_name", None) or row.element)

    def _attached(self, spec: Any, element: str) -> list[str]:
        """The boundary events of an element, by id."""
        split = spec.task_specs.get(element + SPLIT)
        outputs = split.outputs if split is not None else []
        return [one.name for one in outputs if isinstance(one, BoundaryEvent)]

    def _renew_boundary(self, row: _Row, before: list[str]) -> None:
        """Give a live step the boundary events of the new diagram; those already over stay over."""
        wanted = self._attached(self.new, row.element)
        known = {self._target(name) for name in before}
        split = row.parent if row.parent is not None and row.parent.name.endswith(SPLIT) else None
        if split is None and before and row.parent is not None:
            split = row.parent  # its own split was forgotten: the new diagram has no events here
        if wanted and (split is None or split.name != row.element + SPLIT):
            split = _put_between(row, row.element + SPLIT)
        if split is None:
            return
        gone = [
            one
            for one in split.children
            if one is not row and one.state == TaskState.WAITING and one.name not in wanted
        ]
        split.children = [one for one in split.children if one not in gone]
        for name in wanted:
            if name not in known:
                event = _Row(uuid4().hex, int(TaskState.WAITING), name, 0, {}, split)
                split.children.append(event)


def _kind(spec: Any) -> str:
    """How the engine treats a live node: two of one kind can take each other's place."""
    if isinstance(spec, _MANY):
        return type(spec).__name__
    if isinstance(spec, _CALLS):
        return "call"
    if spec.manual:
        return "human"
    return type(spec).__name__


def _put_between(row: _Row, name: str) -> _Row:
    """A finished split over a step that had no events before."""
    above = row.parent
    assert above is not None
    split = _Row(uuid4().hex, int(TaskState.COMPLETED), name, 0, {}, above, [row])
    above.children[above.children.index(row)] = split
    row.parent = split
    return split


def _grow(rows: list[list[Any]]) -> list[_Row]:
    grown: list[_Row] = []
    for id_, parent, row_state, name, triggered, internal in rows:
        above = None if parent is None else grown[parent]
        row = _Row(id_, row_state, name, triggered, internal, above, was=name)
        if above is not None:
            above.children.append(row)
        grown.append(row)
    return grown


def _in_order(root: _Row) -> Iterator[_Row]:
    """Each row after its parent."""
    waiting = [root]
    while waiting:
        row = waiting.pop()
        yield row
        waiting += reversed(row.children)


def _rows(root: _Row) -> list[list[Any]]:
    ordered = list(_in_order(root))
    position = {row.id: number for number, row in enumerate(ordered)}
    return [
        [
            UUID(hex=row.id).hex,
            None if row.parent is None else position[row.parent.id],
            row.state,
            row.name,
            row.triggered,
            row.internal,
        ]
        for row in ordered
    ]


def standing(definition: Definition, blob: bytes) -> list[tuple[str, str]]:
    """The steps a saved process is at, as (process, element): those that wait, and the calls, subprocesses and
    multi-instance steps around them. Events attached to a step are not told: they are the step's.
    """
    saved = state.unpack(blob, definition)
    specs: dict[str | None, Any] = {None: definition.spec}
    calling = {parent for parent, *_ in saved["workflows"]}
    found: dict[tuple[str, str], None] = {}
    for parent, _, _, rows in saved["workflows"]:
        for row in _in_order(_grow(rows)[0]):
            spec = specs[parent].task_specs[row.name]
            if row.id in calling:
                specs[row.id] = definition.subprocess_specs[spec.spec]
            node = definition.nodes.get(spec)
            awaited = row.parent is not None and row.parent.live and row.state < TaskState.WAITING
            if node is not None and (row.live or awaited) and not isinstance(spec, BoundaryEvent):
                found[node.process, node.element] = None
    return list(found)
