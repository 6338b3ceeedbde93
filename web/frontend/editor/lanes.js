// Which lane a step lies in, for steps inside a subprocess too. The modeler's own rule looks only at the layer a
// step is drawn in, and so would take the lane from every step of a subprocess that reaches over several lanes.
import { collectLanes } from "bpmn-js/lib/features/modeling/util/LaneUtil";
import { getParent } from "bpmn-js/lib/features/modeling/util/ModelingUtil";
import UpdateFlowNodeRefs from "bpmn-js/lib/features/modeling/cmd/UpdateFlowNodeRefsHandler";
import { is } from "bpmn-js/lib/util/ModelUtil";

export default class LaneReferences extends UpdateFlowNodeRefs {
  _computeUpdates(nodes, laneShapes) {
    const moved = new Set(nodes.flatMap((node) => [node, ...inside(node)]));
    for (const lane of laneShapes) {
      const pool = poolOf(lane);
      if (pool) inside(pool).forEach((node) => moved.add(node));
    }
    const updates = [...moved].filter((node) => is(node, "bpmn:FlowNode") && node.type !== "label").map(update);
    const removed = laneShapes.filter((lane) => !lane.parent).flatMap((lane) => emptied(lane.businessObject));
    return [...updates, ...removed];
  }
}
LaneReferences.$inject = [];

function update(node) {
  const flowNode = node.businessObject;
  return { flowNode, remove: flowNode.get("lanes").slice(), add: lanesAround(node) };
}

function emptied(lane) {
  return lane.get("flowNodeRef").map((flowNode) => ({ flowNode, remove: [lane], add: [] }));
}

function lanesAround(node) {
  const pool = node.parent && poolOf(node);
  if (!pool) return [];
  const lanes = collectLanes(pool).filter((lane) => holds(lane, node));
  return lanes.map((lane) => lane.businessObject);
}

// A subprocess belongs to a lane only when it lies in it as a whole; else the steps inside have lanes of their own.
function holds(lane, node) {
  const whole = is(node, "bpmn:SubProcess") && node.children.length > 0;
  const middle = node.y + node.height / 2;
  const [top, bottom] = whole ? [node.y, node.y + node.height] : [middle, middle];
  return top >= lane.y && bottom <= lane.y + lane.height;
}

function poolOf(shape) {
  return is(shape, "bpmn:Participant") ? shape : getParent(shape, "bpmn:Participant");
}

function inside(shape) {
  return (shape.children || []).flatMap((child) => [child, ...inside(child)]);
}
