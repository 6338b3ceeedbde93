"""Files of other modelers: what means nothing here is named with what to use instead, and can be taken out."""

from engine.bpmn.foreign import unsupported, without_extensions
from engine.bpmn.profile import check
from engine.bpmn.reader import read

_PARTS = {"error-event", "foreign-extension"}

CAMUNDA = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="x">
  <bpmn:process id="p" isExecutable="true" camunda:historyTimeToLive="180">
    <bpmn:scriptTask id="s" name="算"><bpmn:script>x = 1</bpmn:script></bpmn:scriptTask>
    <bpmn:inclusiveGateway id="g" />
    <bpmn:userTask id="u" camunda:candidateGroups="intake">
      <bpmn:extensionElements>
        <zeebe:ioMapping><zeebe:input source="=a" target="b" /></zeebe:ioMapping>
      </bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f" sourceRef="g" targetRef="u">
      <bpmn:conditionExpression>${approved &amp;&amp; n > 1}</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
  </bpmn:process>
</bpmn:definitions>"""


def test_each_unsupported_part_is_named_with_a_replacement() -> None:
    """BPMN we do not run, other products' extensions (once, with all they hold) and their expressions."""
    found = [(one.element, one.instead) for one in unsupported(CAMUNDA.encode(), "a.bpmn")]

    assert found == [
        ("p", "可以直接删除；本系统不需要。"),
        ("s", "请改用自动步骤并选择一个具名动作。"),
        ("g", "请改用排他网关或并行网关。"),
        ("u", "请用泳道表示由哪个岗位办理：把步骤画进该岗位的泳道。"),
        ("u", "请在步骤的“办理结果”里列出结果；变量 编号_outcome 自动得到结果。"),
        ("f", '请改写为 approved and n > 1；步骤的结果写作 步骤编号_outcome == "结果"。'),
    ]


def test_only_the_extensions_are_taken_out() -> None:
    """The drawing and what it says stay."""
    cleaned = without_extensions(CAMUNDA.encode(), "a.bpmn")

    assert b"camunda" not in cleaned
    assert b"zeebe" not in cleaned
    assert list(read(cleaned, "a.bpmn").processes[0].elements) == ["s", "g", "u"]
    assert {one.element for one in unsupported(cleaned, "a.bpmn")} == {"s", "g", "f"}


def test_a_part_of_a_step_is_found_on_the_step() -> None:
    """An event definition has an id that nothing on the drawing has; the finding leads to the event it is in."""
    source = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
      xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><process id="p">
      <endEvent id="e" name="出错"><errorEventDefinition id="d"/></endEvent>
      <serviceTask id="s"><extensionElements><zeebe:taskDefinition id="t" type="pay"/></extensionElements></serviceTask>
    </process></definitions>"""
    found = {one.element: one.message for one in check({"a.bpmn": source.encode()}) if one.rule in _PARTS}

    assert found == {
        "e": "“出错”（e）：错误事件不受支持。",
        "s": "“s”：Camunda 8 的扩展 taskDefinition 会被忽略。",
    }
    assert [one.element for one in unsupported(source.encode(), "a.bpmn")] == ["e", "s"]
