// Draws one BPMN diagram with done and current steps marked; the text list beside it says the same in words.
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./viewer.css";
import { broken, draw } from "./drawing.js";

function mark(viewer, container) {
  const canvas = viewer.get("canvas");
  const known = viewer.get("elementRegistry");
  const list = (text) => (text || "").split(" ").filter((id) => id && known.get(id));
  list(container.dataset.done).forEach((id) => canvas.addMarker(id, "is-done"));
  const labels = JSON.parse(container.dataset.labels || "{}");
  list(container.dataset.current).forEach((id) => {
    canvas.addMarker(id, "is-current");
    if (!labels[id]) return;
    const label = document.createElement("div");
    label.className = "current-label";
    label.textContent = labels[id];
    viewer.get("overlays").add(id, { position: { top: -3, left: 0 }, scale: { min: 1 }, html: label });
  });
}

document.querySelectorAll("[data-diagram]").forEach(async (container) => {
  try {
    mark(await draw(container), container);
    container.dataset.ready = "yes";
  } catch (problem) {
    broken(container, problem);
  }
});
