"""What a new diagram and a new decision table begin with (空白模板)."""

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" \
xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="definitions" \
targetNamespace="https://keguan.example/procedures">
  <bpmn:process id="{key}" name="{title}" isExecutable="true">
    <bpmn:laneSet id="lanes">
      <bpmn:lane id="lane_programme" name="业务科室">
        <bpmn:flowNodeRef>begin</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>step</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>finished</bpmn:flowNodeRef>
      </bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="begin" name="开始"><bpmn:outgoing>to_step</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="step" name="第一步">
      <bpmn:documentation>说明这一步为什么存在。</bpmn:documentation>
      <bpmn:extensionElements><spiffworkflow:properties>
        <spiffworkflow:property name="form" value="confirmation"/>
        <spiffworkflow:property name="outcomes" value="confirm"/>
        <spiffworkflow:property name="limit" value="5"/>
        <spiffworkflow:property name="reminders" value="-3,-1,1,5"/>
        <spiffworkflow:property name="clause" value="科室惯例（待确认）"/>
      </spiffworkflow:properties></bpmn:extensionElements>
      <bpmn:incoming>to_step</bpmn:incoming><bpmn:outgoing>to_end</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="finished" name="完成">
      <bpmn:extensionElements><spiffworkflow:properties>
        <spiffworkflow:property name="outcome" value="done"/>
      </spiffworkflow:properties></bpmn:extensionElements>
      <bpmn:incoming>to_end</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="to_step" sourceRef="begin" targetRef="step"/>
    <bpmn:sequenceFlow id="to_end" sourceRef="step" targetRef="finished"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="{key}">
    <bpmndi:BPMNShape id="shape_lane" bpmnElement="lane_programme" isHorizontal="true">
      <dc:Bounds x="120" y="60" width="600" height="160"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="shape_begin" bpmnElement="begin">
      <dc:Bounds x="200" y="122" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="shape_step" bpmnElement="step">
      <dc:Bounds x="320" y="100" width="120" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="shape_finished" bpmnElement="finished">
      <dc:Bounds x="540" y="122" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="edge_to_step" bpmnElement="to_step">
      <di:waypoint x="236" y="140"/><di:waypoint x="320" y="140"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="edge_to_end" bpmnElement="to_end">
      <di:waypoint x="440" y="140"/><di:waypoint x="540" y="140"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
"""A start, one step of the programme office and an end, with their layout; `key` and `title` are filled in."""

DECISION = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="{key}_definitions" name="{title}" \
namespace="https://keguan.example/decisions">
  <decision id="{key}" name="{title}">
    <decisionTable id="{key}_table" hitPolicy="UNIQUE">
      <input id="{key}_input" label="">
        <inputExpression id="{key}_expression" typeRef="number"><text>limit_intake</text></inputExpression>
      </input>
      <output id="{key}_output" name="{key}_result" typeRef="string" />
      <rule id="{key}_rule">
        <inputEntry id="{key}_when"><text></text></inputEntry>
        <outputEntry id="{key}_then"><text>"yes"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""
"""A table with one rule that always holds; the admin replaces input, output and rule."""
