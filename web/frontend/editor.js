// The procedure editor: the modeler within the profile, our panel, check as you type, drafts kept, simulation.
// Loaded on the admin's draft page only; officers' pages draw with viewer.js.
import Modeler from "bpmn-js/lib/Modeler";
import minimap from "diagram-js-minimap";
import simulation from "bpmn-js-token-simulation";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "diagram-js-minimap/assets/diagram-js-minimap.css";
import "bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css";
import "./drawing.css";
import "./editor/editor.css";
import spiffworkflow from "./editor/spiffworkflow.json";
import profile from "./editor/profile.js";
import translations from "./editor/translations.js";
import variables from "./editor/variables.js";
import * as findings from "./editor/findings.js";
import * as panel from "./editor/panel.js";
import * as saving from "./editor/saving.js";
import { post, whenQuiet } from "./editor/server.js";
import { walker } from "./editor/walk.js";
import { COLOURS, LETTERS } from "./letters.js";

const MARKED = "has-finding";
const PALETTE = 120; // pixels kept free for it at the left
const MARK = 44; // for the maker's mark at the bottom
const EDGE = 16;
const READABLE = 0.8; // a smaller drawing is not opened: its words and the simulation's buttons (from 0.5) would be lost

async function open(page) {
  const editor = new Modeler({
    container: page.querySelector("[data-canvas]"),
    additionalModules: [minimap, simulation, profile, translations, variables],
    moddleExtensions: { spiffworkflow },
    keguanVariables: JSON.parse(page.dataset.variables),
    textRenderer: LETTERS,
    bpmnRenderer: COLOURS,
  });
  together(editor);
  const parts = tools(page, editor);
  const answer = await fetch(page.dataset.source);
  await editor.importXML(await answer.text());
  fit(editor, READABLE);
  parts.check();
  page.dataset.ready = "yes";
}

// The drawing beside the palette and above the maker's mark, from its top left corner: all of it, never enlarged, or
// as much as there is room for at a least size.
function fit(editor, least = 0) {
  const canvas = editor.get("canvas");
  const { inner, outer } = canvas.viewbox();
  const room = { width: outer.width - PALETTE - EDGE, height: outer.height - MARK - EDGE };
  const scale = Math.max(least, Math.min(room.width / inner.width, room.height / inner.height, 1));
  canvas.viewbox({ x: inner.x - PALETTE / scale, y: inner.y - EDGE / scale, width: outer.width / scale, height: outer.height / scale });
}

// Several changes that one undo takes back.
function together(editor) {
  const stack = editor.get("commandStack");
  stack.register("keguan.together", { preExecute: ({ work }) => work() });
  editor.together = (work) => stack.execute("keguan.together", { work });
}

function tools(page, editor) {
  const source = async () => (await editor.saveXML({ format: true })).xml;
  const go = (id) => goTo(editor, id);
  const check = findings.install(page.querySelector("[data-findings]"), { source, go, mark: (ids) => mark(editor, ids) });
  const state = page.querySelector("[data-saving]");
  const save = saving.install(state, source);
  const form = page.querySelector("[data-panel]");
  panel.install(editor, form, (input) => ask(page, input));
  editor.on("commandStack.changed", () => {
    check();
    save();
  });
  buttons(page, editor);
  proofs(page, editor, go);
  return { check };
}

function goTo(editor, id) {
  const element = editor.get("elementRegistry").get(id);
  if (!element) return;
  editor.get("selection").select(element);
  editor.get("canvas").scrollToElement(element, { top: 80, bottom: 80, left: 120, right: 120 });
}

function mark(editor, ids) {
  const canvas = editor.get("canvas");
  const registry = editor.get("elementRegistry");
  registry.forEach((element) => element.parent && canvas.removeMarker(element, MARKED));
  ids.forEach((id) => registry.get(id) && canvas.addMarker(id, MARKED));
}

// What is wrong with an expression, said under its field while it is typed.
const asking = new WeakMap();
function ask(page, input) {
  if (!asking.has(input)) {
    const place = input.parentElement.querySelector("[data-problem]");
    const work = async () => {
      const { problems } = await post(page.dataset.expression, { text: input.value, limit: "limit" in input.dataset });
      place.textContent = input.value.trim() ? problems.join(" ") : "";
      input.setAttribute("aria-invalid", String(Boolean(place.textContent)));
    };
    asking.set(input, whenQuiet(250, () => work().catch((problem) => (place.textContent = problem.message))));
  }
  asking.get(input)();
}

function buttons(page, editor) {
  const stack = editor.get("commandStack");
  const actions = {
    undo: () => stack.undo(),
    redo: () => stack.redo(),
    fit: () => fit(editor),
    closer: () => editor.get("zoomScroll").stepZoom(1),
    farther: () => editor.get("zoomScroll").stepZoom(-1),
    minimap: () => editor.get("minimap").toggle(),
    simulate: () => editor.get("toggleMode").toggleMode(),
    repeat: () => repeat(editor),
  };
  page.querySelectorAll("[data-does]").forEach((button) => button.addEventListener("click", () => actions[button.dataset.does]()));
  const enable = () => {
    page.querySelector("[data-does=undo]").disabled = !stack.canUndo();
    page.querySelector("[data-does=redo]").disabled = !stack.canRedo();
  };
  editor.on("commandStack.changed", enable);
  editor.on("tokenSimulation.toggleMode", ({ active }) => {
    page.toggleAttribute("data-simulating", active);
    page.querySelector("[data-does=simulate]").setAttribute("aria-pressed", String(active));
    if (active && editor.get("canvas").zoom() < READABLE) fit(editor, READABLE);
  });
  enable();
}

// Once for each of a list, or no longer.
function repeat(editor) {
  const { element, object, create } = panel.subjectOf(editor);
  const made = object.loopCharacteristics ? undefined : create("bpmn:MultiInstanceLoopCharacteristics", { isSequential: false });
  editor.get("modeling").updateProperties(element, { loopCharacteristics: made });
}

// The proof of what was last saved; a counter-example is walked on the drawing.
function proofs(page, editor, go) {
  const place = page.querySelector("[data-proof]");
  page.querySelector("[data-does-proof]").addEventListener("click", async (event) => {
    const button = event.target;
    button.setAttribute("aria-busy", "true");
    try {
      const text = (await editor.saveXML({ format: true })).xml;
      place.innerHTML = (await post(place.dataset.address, { text })).html;
      walks(place, editor, go);
    } catch (problem) {
      place.textContent = problem.message;
    }
    button.removeAttribute("aria-busy");
  });
}

function walks(place, editor, go) {
  const drawing = { canvas: editor.get("canvas"), registry: editor.get("elementRegistry"), go };
  const all = [...place.querySelectorAll("[data-walk]")].map((list) => {
    const one = walker(list, drawing);
    list.querySelector("[data-play]").addEventListener("click", () => {
      all.forEach((other) => other.clear());
      one.play();
    });
    return one;
  });
}

document.querySelectorAll("[data-editor]").forEach((page) => {
  open(page).catch((problem) => {
    page.querySelector("[data-broken]").hidden = false;
    page.querySelector("[data-broken] [data-why]").textContent = problem.message;
    console.warn(problem);
  });
});
