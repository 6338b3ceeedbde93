// Who does a step: the lane it lies in. Choosing another role moves the step there, drawing the lane if need be.
import { collectLanes } from "bpmn-js/lib/features/modeling/util/LaneUtil";
import { getParent } from "bpmn-js/lib/features/modeling/util/ModelingUtil";

const HEIGHT = 160;

export function lanesOf(element) {
  const pool = getParent(element, "bpmn:Participant");
  return pool ? collectLanes(pool).filter((lane) => !lane.children.some((child) => child.type === "bpmn:Lane")) : [];
}

export function laneNameOf(element) {
  const holding = lanesOf(element).find((lane) => lane.businessObject.get("flowNodeRef").includes(element.businessObject));
  return holding?.businessObject.name || "";
}

export function moveToLane(editor, element, name) {
  const modeling = editor.get("modeling");
  const lanes = lanesOf(element);
  if (!lanes.length || !name) return;
  editor.together(() => {
    const lane = lanes.find((one) => one.businessObject.name === name) || addLane(modeling, lanes, name);
    const y = Math.round(lane.y + lane.height / 2 - (element.y + element.height / 2));
    modeling.moveElements([element], { x: 0, y }, element.parent);
  });
}

function addLane(modeling, lanes, name) {
  const last = lanes.reduce((low, lane) => (lane.y > low.y ? lane : low));
  const lane = modeling.addLane(last, "bottom");
  modeling.updateProperties(lane, { name });
  if (lane.height < HEIGHT) modeling.resizeLane(lane, { ...bounds(lane), height: HEIGHT });
  return lane;
}

function bounds({ x, y, width, height }) {
  return { x, y, width, height };
}
