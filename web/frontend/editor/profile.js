// What can be drawn: the profile's elements and nothing else, in the palette, beside a step and in its change menu.
import Modeling from "bpmn-js/lib/features/modeling/Modeling";
import LaneReferences from "./lanes.js";

const REPLACEMENTS = new Set(
  [
    ...["none-start", "none-end", "terminate-end"],
    ...["message-intermediate-catch", "timer-intermediate-catch"],
    ...["signal-intermediate-catch", "signal-intermediate-throw"],
    ...["message-boundary", "timer-boundary", "signal-boundary"],
    ...["non-interrupting-message-boundary", "non-interrupting-timer-boundary"],
    "non-interrupting-signal-boundary",
    ...["exclusive-gateway", "parallel-gateway", "event-based-gateway"],
    ...["user-task", "manual-task", "service-task", "receive-task", "rule-task"],
    ...["call-activity", "expanded-subprocess", "subprocess"],
    ...["sequence-flow", "default-flow"],
  ].map((name) => `replace-with-${name}`),
);
const MARKS = new Set(["toggle-parallel-mi", "toggle-sequential-mi", "toggle-non-interrupting"]);
const BESIDE = new Set([
  ...["append.end-event", "append.gateway", "append.text-annotation", "append.receive-task"],
  ...["append.message-intermediate-event", "append.timer-intermediate-event"],
  ...["append.signal-intermediate-event", "connect", "replace", "delete"],
  ...["lane-insert-above", "lane-insert-below", "lane-divide-two", "lane-divide-three"],
  ...["append.keguan-step", "append.keguan-action", "align-elements"],
]);
const TIMER = { eventDefinitionType: "bpmn:TimerEventDefinition" };

// Of each entry: its icon, its title, and what it makes.
const PALETTE = {
  "create.start-event": ["event", "start-event-none", "Create start event", "bpmn:StartEvent"],
  "create.timer-event": [
    ...["event", "intermediate-event-catch-timer", "Create waiting event or time limit"],
    ...["bpmn:IntermediateCatchEvent", TIMER],
  ],
  "create.end-event": ["event", "end-event-none", "Create end event", "bpmn:EndEvent"],
  "create.exclusive-gateway": ["gateway", "gateway-xor", "Create gateway", "bpmn:ExclusiveGateway"],
  "create.parallel-gateway": ["gateway", "gateway-parallel", "Create parallel gateway", "bpmn:ParallelGateway"],
  "create.user-task": ["activity", "user-task", "Create step for a person", "bpmn:UserTask"],
  "create.service-task": ["activity", "service-task", "Create automatic step", "bpmn:ServiceTask"],
  "create.receive-task": ["activity", "receive-task", "Create step that waits for a message", "bpmn:ReceiveTask"],
  "create.rule-task": ["activity", "business-rule-task", "Create decision", "bpmn:BusinessRuleTask"],
  "create.call-activity": ["activity", "call-activity", "Create call of another procedure", "bpmn:CallActivity"],
};
const TOOLS = ["hand-tool", "lasso-tool", "space-tool", "global-connect-tool", "tool-separator", "create.subprocess-expanded"];

function Palette(palette, create, elementFactory, translate) {
  palette.registerProvider(500, {
    getPaletteEntries: () => (entries) => {
      const drawn = Object.entries(PALETTE).map(([name, [group, icon, title, type, options]]) => {
        const start = (event) => create.start(event, elementFactory.createShape({ type, ...options }));
        const action = { dragstart: start, click: start };
        return [name, { group, className: `bpmn-icon-${icon}`, title: translate(title), action }];
      });
      return { ...only(entries, (name) => TOOLS.includes(name)), ...Object.fromEntries(drawn) };
    },
  });
}
Palette.$inject = ["palette", "create", "elementFactory", "translate"];

function ContextPad(contextPad, autoPlace, create, elementFactory, translate) {
  const append = (type, icon, title) => {
    const shape = () => elementFactory.createShape({ type });
    const action = {
      click: (event, element) => autoPlace.append(element, shape()),
      dragstart: (event, element) => create.start(event, shape(), { source: element }),
    };
    return { group: "model", className: `bpmn-icon-${icon}`, title: translate(title), action };
  };
  contextPad.registerProvider(500, {
    getContextPadEntries: () => (entries) => {
      const kept = only(entries, (name) => BESIDE.has(name));
      if (!entries["append.append-task"]) return kept;
      return {
        "append.keguan-step": append("bpmn:UserTask", "user-task", "Append step for a person"),
        "append.keguan-action": append("bpmn:ServiceTask", "service-task", "Append automatic step"),
        ...kept,
      };
    },
    getMultiElementContextPadEntries: () => (entries) => entries,
  });
}
ContextPad.$inject = ["contextPad", "autoPlace", "create", "elementFactory", "translate"];

function ReplaceMenu(popupMenu) {
  popupMenu.registerProvider("bpmn-replace", 500, {
    getPopupMenuEntries: () => (entries) => only(entries, (name) => REPLACEMENTS.has(name)),
    getPopupMenuHeaderEntries: () => (entries) => only(entries, (name) => MARKS.has(name)),
  });
}
ReplaceMenu.$inject = ["popupMenu"];

function only(entries, wanted) {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => wanted(name)));
}

class ProfileModeling extends Modeling {
  getHandlers() {
    return { ...super.getHandlers(), "lane.updateRefs": LaneReferences };
  }
}
ProfileModeling.$inject = Modeling.$inject;

export default {
  __init__: ["keguanPalette", "keguanContextPad", "keguanReplaceMenu"],
  keguanPalette: ["type", Palette],
  keguanContextPad: ["type", ContextPad],
  keguanReplaceMenu: ["type", ReplaceMenu],
  modeling: ["type", ProfileModeling],
};
