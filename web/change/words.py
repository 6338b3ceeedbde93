"""What the editor's panel offers, in the reader's language: kinds of elements, choices, names for completion."""

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine import assembly
from engine.bpmn.model import Diagram
from engine.bpmn.reader import read
from engine.change.checking import Vocabulary
from engine.change.drafts import Part
from engine.people.roles import role_for_lane
from engine.vocabulary import CaseStatus
from web.language import is_english, label, role_name
from web.language import translate as _

Option = tuple[str, str, str]
"""The value kept in the diagram, the word shown, and what it means."""


@dataclass(frozen=True)
class PanelOptions:
    """The choices of the panel's lists."""

    kinds: dict[str, str]
    lanes: list[Option]
    forms: list[Option]
    actions: list[Option]
    decisions: list[Option]
    called: list[Option]
    statuses: list[Option]
    fundings: list[Option]
    messages: list[str]


def panel_options(known: Vocabulary, parts: Iterable[Part], files: Mapping[str, bytes]) -> PanelOptions:
    """Everything the lists of the panel offer: what is registered, and what is drawn in `files`."""
    listed, diagrams = sorted(parts, key=lambda part: part.key), _diagrams(files)
    return PanelOptions(
        kinds=_kind_words(),
        lanes=[(lane, role_name(role_for_lane(lane)), "") for lane in known.lanes],
        forms=[(key, f"{en if is_english() else zh}（{key}）", "") for key, zh, en in known.forms],
        actions=[(name, name, _meaning(name)) for name in known.actions],
        decisions=[(one.id, one.name or one.id, "") for each in diagrams for one in each.decisions],
        called=[(part.key, f"{part.title}（{part.key}）", "") for part in listed if part.kind == "bpmn"],
        statuses=[(status.value, label(CaseStatus, status.value), "") for status in CaseStatus],
        fundings=_fundings(),
        messages=sorted({name for diagram in diagrams for name in diagram.messages.values()}),
    )


def variables(known: Vocabulary, live: Mapping[str, bytes]) -> dict[str, Any]:
    """For completion: names with titles, and the outcomes each callable process ends with."""
    processes = [process for diagram in _diagrams(live) for process in diagram.processes]
    called = {
        process.id: sorted(
            element.properties["outcome"]
            for element in process.inside(process.id)
            if element.kind == "endEvent" and "outcome" in element.properties
        )
        for process in processes
    }
    return {"names": [{"name": name, "title": title} for name, title in known.names], "called": called}


def _diagrams(live: Mapping[str, bytes]) -> list[Diagram]:
    return [read(content, name) for name, content in live.items()]


def _meaning(action: str) -> str:
    """What a named action does, as its own documentation says."""
    text = inspect.getdoc(assembly.ACTIONS[action]) or ""
    return " ".join(text.split("\n\n")[0].split())


def _fundings() -> list[Option]:
    words = {
        "post_subsidy": _("后补助：验收通过后拨付"),
        "milestone": _("里程碑式：节点达标后分期拨付"),
        "cooperation": _("校校企：凭合作款支付凭证拨付"),
        "unfunded": _("不拨付"),
    }
    return [(key, word, "") for key, word in words.items()]


def _kind_words() -> dict[str, str]:
    return {
        "Process": _("整个流程"),
        "Lane": _("泳道"),
        "SequenceFlow": _("顺序流"),
        "StartEvent": _("开始"),
        "EndEvent": _("结束"),
        "UserTask": _("人工步骤"),
        "ManualTask": _("线下步骤"),
        "ServiceTask": _("自动步骤"),
        "ReceiveTask": _("等待消息"),
        "BusinessRuleTask": _("决策表步骤"),
        "CallActivity": _("调用流程"),
        "SubProcess": _("子流程"),
        "ExclusiveGateway": _("排他网关"),
        "ParallelGateway": _("并行网关"),
        "EventBasedGateway": _("事件网关"),
        "BoundaryEvent": _("步骤边上的事件"),
        "IntermediateCatchEvent": _("等待事件"),
        "IntermediateThrowEvent": _("发出信号"),
        "TextAnnotation": _("注释"),
    }
