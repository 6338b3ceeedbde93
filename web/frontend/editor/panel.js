// The form beside the drawing: fields of our own vocabulary for whatever is selected. Its words come with the page.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";
import { complete } from "./completion.js";
import { eventOf, FIELDS } from "./fields.js";
import { lanesOf } from "./assigning.js";

const EVENTS = { "bpmn:TimerEventDefinition": "timer", "bpmn:MessageEventDefinition": "message", "bpmn:SignalEventDefinition": "signal" };
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,79}$/;

export function install(editor, form, ask) {
  const show = () => render(editor, form);
  editor.on("selection.changed", show);
  editor.on("commandStack.changed", show);
  editor.on("import.done", show);
  form.addEventListener("change", ({ target }) => write(editor, form, target));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelectorAll("[data-expression]").forEach((input) => {
    complete(input, () => editor.get("keguanVariables").known());
    input.addEventListener("input", () => ask(input));
  });
}

// What is selected, as the fields see it; the process itself when nothing is.
export function subjectOf(editor) {
  const selected = editor.get("selection").get();
  if (selected.length > 1) return null;
  const canvas = editor.get("canvas");
  const pool = canvas.getRootElement().children.find((child) => is(child, "bpmn:Participant"));
  const element = selected[0]?.labelTarget || selected[0] || pool || canvas.getRootElement();
  return subject(editor, element);
}

function subject(editor, element) {
  const modeling = editor.get("modeling");
  const moddle = editor.get("moddle");
  const own = getBusinessObject(element);
  if (!own?.$type) return null; // nothing is drawn yet
  const object = is(own, "bpmn:Participant") ? own.processRef : own;
  return {
    editor,
    element,
    object,
    moddle,
    create: (type, values) => moddle.create(type, values),
    update: (values) =>
      object === own ? modeling.updateProperties(element, values) : modeling.updateModdleProperties(element, object, values),
    updateInner: (inner, values) => modeling.updateModdleProperties(element, inner, values),
    process: () => processOf(object),
  };
}

function processOf(object) {
  return is(object, "bpmn:Process") ? object : processOf(object.$parent);
}

function kindsOf({ element, object }) {
  const kind = object.$type.replace("bpmn:", "");
  const kinds = [kind];
  if (is(object, "bpmn:FlowNode")) kinds.push("FlowNode");
  if (EVENTS[eventOf(object)?.$type]) kinds.push(EVENTS[eventOf(object).$type]);
  if (object.loopCharacteristics) kinds.push("repeat");
  if (is(object, "bpmn:SequenceFlow") && is(object.sourceRef, "bpmn:ExclusiveGateway")) kinds.push("branch");
  if (is(object, "bpmn:FlowNode") && lanesOf(element).length) kinds.push("in-lanes");
  return kinds;
}

function render(editor, form) {
  const found = subjectOf(editor);
  form.hidden = !found;
  if (!found) return;
  const kinds = kindsOf(found);
  form.dataset.element = found.object.id || "";
  form.querySelector("[data-kind-name]").textContent = JSON.parse(form.dataset.kinds)[kinds[0]] || kinds[0];
  form.querySelectorAll("[data-for]").forEach((part) => {
    part.hidden = !part.dataset.for.split(" ").some((kind) => kinds.includes(kind));
  });
  for (const input of form.querySelectorAll("[data-field]")) fill(input, FIELDS[input.dataset.field].read(found));
  describe(form);
}

function fill(input, value) {
  if (input.dataset.written !== String(value)) forget(input);
  if (input.type === "checkbox") input.checked = Boolean(value);
  else if (document.activeElement !== input || input.value === input.dataset.written) {
    if (input.tagName === "SELECT" && value && ![...input.options].some((option) => option.value === value)) {
      input.add(new Option(value, value));
    }
    input.value = value;
  }
  input.dataset.written = value;
  input.setCustomValidity("");
}

// What was said about a value that is no longer there.
function forget(input) {
  const place = input.parentElement.querySelector("[data-problem]");
  if (!place) return;
  place.textContent = "";
  input.removeAttribute("aria-invalid");
}

function write(editor, form, input) {
  const field = FIELDS[input.dataset.field];
  const found = subjectOf(editor);
  if (!field || !found) return;
  const value = input.type === "checkbox" ? (input.checked ? "yes" : "") : input.value.trim();
  const problem = input.dataset.field === "id" ? wrongId(editor, found.object, value) : "";
  input.setCustomValidity(problem && form.dataset[problem]);
  if (problem) return input.reportValidity();
  input.dataset.written = value;
  if (value !== field.read(found)) field.write(found, value);
  describe(form);
}

// Steps, lanes and variables share their names: an id in use would be refused by the check and break references.
function wrongId(editor, object, id) {
  if (!NAME.test(id)) return "wordsBadId";
  const holder = editor.get("moddle").ids.assigned(id);
  return holder && holder !== object ? "wordsTakenId" : "";
}

// What the chosen action does, in the words it is documented with.
function describe(form) {
  form.querySelectorAll("[data-describes]").forEach((place) => {
    const select = form.querySelector(`[data-field="${place.dataset.describes}"]`);
    place.textContent = select.selectedOptions[0]?.title || "";
  });
}
