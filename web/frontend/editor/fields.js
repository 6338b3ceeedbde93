// Each field of the panel: how it is read from the diagram, and the one change that writes it.
import { is } from "bpmn-js/lib/util/ModelUtil";
import { extension, property, replaced, withProperty } from "./extensions.js";
import { laneNameOf, moveToLane } from "./assigning.js";

const OPERATOR = "spiffworkflow:ServiceTaskOperator";
const DECISION = "spiffworkflow:CalledDecisionId";
const VARIABLE = "spiffworkflow:MessageVariable";

export function eventOf(object) {
  return object.eventDefinitions?.[0];
}

export const FIELDS = {
  id: {
    read: ({ object }) => object.id,
    write: (subject, value) => subject.update({ id: value }),
  },
  name: {
    read: ({ object }) => object.name || "",
    write: (subject, value) => subject.update({ name: value || undefined }),
  },
  documentation: {
    read: ({ object }) => object.documentation?.[0]?.text || "",
    write: (subject, text) => {
      const documentation = text ? [subject.create("bpmn:Documentation", { text })] : [];
      subject.update({ documentation });
    },
  },
  lane: {
    read: ({ element }) => laneNameOf(element),
    write: (subject, value) => moveToLane(subject.editor, subject.element, value),
  },
  action: {
    read: ({ object }) => extension(object, OPERATOR)?.id || "",
    write: (subject, id) => writeExtension(subject, OPERATOR, id && { id }),
  },
  decision: {
    read: ({ object }) => extension(object, DECISION)?.body || "",
    write: (subject, body) => writeExtension(subject, DECISION, body && { body }),
  },
  called: {
    read: ({ object }) => object.calledElement || "",
    write: (subject, value) => subject.update({ calledElement: value || undefined }),
  },
  condition: {
    read: ({ object }) => object.conditionExpression?.body || "",
    write: (subject, body) => {
      const made = body ? subject.create("bpmn:FormalExpression", { body }) : undefined;
      subject.update({ conditionExpression: made });
    },
  },
  default: {
    read: ({ object }) => (object.sourceRef?.default === object ? "yes" : ""),
    write: ({ editor, element, object }, value) =>
      editor.together(() => {
        const modeling = editor.get("modeling");
        modeling.updateProperties(element.source, { default: value ? object : undefined });
        if (value) modeling.updateProperties(element, { conditionExpression: undefined });
      }),
  },
  interrupting: {
    read: ({ object }) => (object.cancelActivity === false ? "" : "yes"),
    write: (subject, value) => subject.update({ cancelActivity: Boolean(value) }),
  },
  timerKind: {
    read: ({ object }) => (eventOf(object)?.timeDate ? "timeDate" : "timeDuration"),
    write: (subject, kind) => writeTimer(subject, kind, timerText(subject.object)),
  },
  timer: {
    read: ({ object }) => timerText(object),
    write: (subject, text) => writeTimer(subject, FIELDS.timerKind.read(subject), text),
  },
  message: reference("messageRef", "bpmn:Message", "message"),
  signal: reference("signalRef", "bpmn:Signal", "signal"),
  ...repeated(),
};
for (const name of ["form", "outcomes", "outcome", "limit", "reminders", "status", "holder", "clause", "counting", "funding"]) {
  FIELDS[name] = {
    read: ({ object }) => property(object, name),
    write: (subject, value) => {
      const extensionElements = withProperty(subject.moddle, subject.object, name, value);
      subject.update({ extensionElements });
    },
  };
}

function writeExtension(subject, type, values) {
  const made = values ? subject.create(type, values) : null;
  subject.update({ extensionElements: replaced(subject.moddle, subject.object, type, made) });
}

function timerText(object) {
  const event = eventOf(object);
  return (event?.timeDate || event?.timeDuration)?.body || "";
}

function writeTimer(subject, kind, body) {
  const event = eventOf(subject.object);
  const made = subject.create("bpmn:FormalExpression", { body });
  made.$parent = event;
  const other = kind === "timeDate" ? "timeDuration" : "timeDate";
  subject.updateInner(event, { [kind]: made, [other]: undefined });
}

// A message or signal is named once in the file and pointed at; a new name adds it to the file.
function reference(key, type, word) {
  const holder = (object) => (is(object, "bpmn:ReceiveTask") ? object : eventOf(object));
  return {
    read: ({ object }) => holder(object)?.[key]?.name || "",
    write: (subject, name) => {
      const definitions = subject.editor.getDefinitions();
      const known = definitions.rootElements.find((one) => is(one, type) && one.name === name);
      const target = known || (name ? subject.create(type, { id: `${word}_${name.replace(/\W/g, "_")}`, name }) : undefined);
      subject.editor.together(() => {
        if (target && !known) subject.updateInner(definitions, { rootElements: [...definitions.rootElements, target] });
        subject.updateInner(holder(subject.object), { [key]: target });
        if (is(subject.object, "bpmn:ReceiveTask")) nameVariable(subject);
      });
    },
  };
}

// The engine must be told the variable of a message, and only this name is filled.
function nameVariable(subject) {
  writeExtension(subject, VARIABLE, { body: `${subject.object.id}_outcome` });
}

function repeated() {
  const loop = (object) => object.loopCharacteristics;
  const list = (key) => ({
    read: ({ object }) => loop(object)?.[key]?.id || "",
    write: (subject, id) => {
      const process = subject.process();
      const known = (process.properties || []).find((one) => one.id === id);
      const made = known || (id ? subject.create("bpmn:Property", { id, name: id }) : undefined);
      subject.editor.together(() => {
        if (made && !known) subject.updateInner(process, { properties: [...(process.properties || []), made] });
        subject.updateInner(loop(subject.object), { [key]: made });
      });
    },
  });
  const item = (key, type) => ({
    read: ({ object }) => loop(object)?.[key]?.id || "",
    write: (subject, id) => {
      const name = loop(subject.object)[key]?.name || id;
      subject.updateInner(loop(subject.object), { [key]: id ? subject.create(type, { id, name }) : undefined });
    },
  });
  return {
    collection: list("loopDataInputRef"),
    results: list("loopDataOutputRef"),
    item: item("inputDataItem", "bpmn:DataInput"),
    result: item("outputDataItem", "bpmn:DataOutput"),
    completion: {
      read: ({ object }) => loop(object)?.completionCondition?.body || "",
      write: (subject, body) => {
        const made = body ? subject.create("bpmn:FormalExpression", { body }) : undefined;
        subject.updateInner(loop(subject.object), { completionCondition: made });
      },
    },
  };
}
