// Diagrams with something to show on them: what an edit changed, a counter-example's walk, how long steps wait.
// Everything marked is also in a list or table on the page; a line of it leads to its place on the drawing.
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./viewer.css";
import "./marked.css";
import { broken, draw } from "./drawing.js";
import { walker } from "./editor/walk.js";

const drawing = new Map(); // each container's viewer, promised once
const drawn = [];
const HERE = "is-here";

function show(container) {
  if (!drawing.has(container)) drawing.set(container, make(container));
  return drawing.get(container);
}

async function make(container) {
  try {
    const viewer = await draw(container);
    drawn.push(viewer);
    mark(viewer, JSON.parse(container.dataset.marks || "{}"));
    label(viewer, JSON.parse(container.dataset.labels || "{}"));
    container.dataset.ready = "yes";
    return viewer;
  } catch (problem) {
    broken(container, problem);
    return null;
  }
}

// `marks` are ids by the class they get.
function mark(viewer, marks) {
  const canvas = viewer.get("canvas");
  const known = viewer.get("elementRegistry");
  for (const [name, ids] of Object.entries(marks)) {
    ids.filter((id) => known.get(id)).forEach((id) => canvas.addMarker(id, name));
  }
}

function label(viewer, labels) {
  const known = viewer.get("elementRegistry");
  for (const [id, text] of Object.entries(labels)) {
    if (!known.get(id)) continue;
    const sign = document.createElement("div");
    sign.className = "step-label";
    sign.textContent = text;
    viewer.get("overlays").add(id, { position: { bottom: 0, left: 0 }, scale: { min: 1 }, html: sign });
  }
}

function goTo(id) {
  for (const viewer of drawn) {
    const canvas = viewer.get("canvas");
    const registry = viewer.get("elementRegistry");
    registry.forEach((element) => canvas.hasMarker(element, HERE) && canvas.removeMarker(element, HERE));
    if (!registry.get(id)) continue;
    canvas.addMarker(id, HERE);
    canvas.scrollToElement(id, 60);
  }
}

// A walk has a drawing of its own, made when it is first asked for.
function walk(place) {
  let one;
  place.querySelector("[data-play]").addEventListener("click", async () => {
    const container = place.querySelector("[data-marked]");
    container.hidden = false;
    const viewer = await show(container);
    if (!viewer) return;
    const canvas = viewer.get("canvas");
    const go = (id) => canvas.scrollToElement(id, 60);
    one = one || walker(place, { canvas, registry: viewer.get("elementRegistry"), go });
    one.play();
  });
}

// Two drawings side by side move together.
function pair(viewers) {
  let moving = false;
  viewers.forEach((viewer) =>
    viewer.on("canvas.viewbox.changed", ({ viewbox }) => {
      if (moving) return;
      moving = true;
      const { x, y, width, height } = viewbox;
      viewers.filter((other) => other !== viewer).forEach((other) => other.get("canvas").viewbox({ x, y, width, height }));
      moving = false;
    }),
  );
}

document.querySelectorAll("[data-walk]").forEach(walk);
document.querySelectorAll("[data-goto]").forEach((line) => line.addEventListener("click", () => goTo(line.dataset.goto)));
document.querySelectorAll("[data-marked]:not([hidden])").forEach(show);
document.querySelectorAll("[data-pair]").forEach(async (place) => {
  const viewers = await Promise.all([...place.querySelectorAll("[data-marked]")].map(show));
  if (viewers.every(Boolean)) pair(viewers);
});
