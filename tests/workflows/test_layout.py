"""The layout tool: repeatable, touching nothing but the layout, clear about what it cannot draw."""

import re

import pytest

from engine.errors import Unusable
from tests.workflows import drawn
from tools.layout import lay_out, main

LAYOUT = re.compile(rb"  <bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>\n", re.DOTALL)
BARE = {name: LAYOUT.sub(b"", source) for name, source in drawn.SHIPPED.items()}


@pytest.mark.parametrize("name", ["implementation.bpmn", "establishment.bpmn", "cooperation_subsidy.bpmn"])
def test_a_layout_is_the_same_each_time(name: str) -> None:
    """From the bare file or from one that has a layout already."""
    once = lay_out(BARE[name], name)
    assert lay_out(once, name) == once


def test_only_the_layout_changes() -> None:
    """Every other byte of the file stays."""
    name = "milestones.bpmn"
    assert LAYOUT.sub(b"", lay_out(BARE[name], name)) == BARE[name]


def test_a_process_without_pool_and_lanes_is_drawn() -> None:
    """Imported diagrams often have neither."""
    bare = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
  <process id="small" isExecutable="true">
    <startEvent id="start"/><userTask id="work"/><endEvent id="end"/>
    <sequenceFlow id="one" sourceRef="start" targetRef="work"/>
    <sequenceFlow id="two" sourceRef="work" targetRef="end"/>
  </process>
</definitions>
"""
    assert re.findall(rb'bpmnElement="(\w+)"', lay_out(bare, "small.bpmn")) == [
        *(b"small", b"start", b"work", b"end", b"one", b"two")
    ]


def test_what_it_cannot_draw_is_refused() -> None:
    """Annotations have no place in the grid: better none than a lost one."""
    noted = BARE["expert_review.bpmn"].replace(
        b"</bpmn:process>", b'<bpmn:textAnnotation id="n"/></bpmn:process>'
    )
    with pytest.raises(Unusable, match="textAnnotation"):
        lay_out(noted, "noted.bpmn")


def test_check_finds_a_stale_layout(tmp_path, capsys) -> None:
    """`--check` names the file, writes nothing and exits 1."""
    path = tmp_path / "bare.bpmn"
    path.write_bytes(BARE["expert_review.bpmn"])
    assert (main([str(path), "--check"]), capsys.readouterr().out.strip()) == (1, str(path))
    assert path.read_bytes() == BARE["expert_review.bpmn"]
