"""Edits of the shipped diagrams, as an admin would make them, and versions made of them."""

import re

from engine.procedures import versions
from seed.procedures import shipped_sources
from tests.worlds import Bureau

STEP = """<bpmn:userTask id="{id}" name="{name}"><bpmn:documentation>新增的核对。</bpmn:documentation>
<bpmn:extensionElements><spiffworkflow:properties>
<spiffworkflow:property name="form" value="confirmation"/><spiffworkflow:property name="outcomes" value="confirm"/>
<spiffworkflow:property name="limit" value="3"/><spiffworkflow:property name="reminders" value="-1,1"/>
<spiffworkflow:property name="status" value="{status}"/><spiffworkflow:property name="clause" value="科室惯例"/>
</spiffworkflow:properties></bpmn:extensionElements></bpmn:userTask>
<bpmn:sequenceFlow id="to_{id}" sourceRef="{source}" targetRef="{id}"/>
"""


def insert_step(
    text: str,
    flow: str,
    step: str = "extra_check",
    name: str = "补充核对",
    lane: str = "业务科室",
    status: str = "received",
) -> str:
    """A step in the middle of a flow: the flow now leaves the new step, and leads where it led."""
    found = re.search(
        rf'<bpmn:sequenceFlow id="{flow}"[^>]*?sourceRef="(\w+)"[^>]*?(/>|>.*?</bpmn:sequenceFlow>)',
        text,
        re.DOTALL,
    )
    assert found, flow
    source = found[1]
    added = STEP.format(id=step, name=name, source=source, status=status)
    rerouted = found[0].replace(f'sourceRef="{source}"', f'sourceRef="{step}"')
    text = text.replace(found[0], f"{rerouted}\n{added}")  # beside the flow: in the same subprocess
    text = re.sub(rf"\s*<bpmn:outgoing>{flow}</bpmn:outgoing>", "", text)
    text = re.sub(
        rf'(<bpmn:lane id="\w+" name="{lane}">)',
        rf"\1<bpmn:flowNodeRef>{step}</bpmn:flowNodeRef>",
        text,
        count=1,
    )
    return text.replace(f'default="{flow}"', f'default="to_{step}"') if f'default="{flow}"' in text else text


def version(world: Bureau, key: str, **edited: str) -> str:
    """Publish `key` with these files (name without ending to text) in the place of the shipped ones."""
    sources = shipped_sources() | {f"{name}.bpmn": text.encode() for name, text in edited.items()}
    return versions.publish(world.session, sources, key, at=world.now, by="admin", note="修改").hash


def shipped(name: str) -> str:
    """The text of a shipped diagram."""
    return shipped_sources()[f"{name}.bpmn"].decode()
