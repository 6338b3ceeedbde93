// Draws one BPMN diagram with done and current steps marked; the text list beside it says the same in words.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./viewer.css";

const PADDING = 24; // fit-viewport alone clips the outermost nodes

async function draw(container) {
  const viewer = new NavigatedViewer({ container });
  const answer = await fetch(container.dataset.source);
  if (!answer.ok) throw new Error(`${answer.status} ${container.dataset.source}`);
  await viewer.importXML(await answer.text());
  fit(viewer.get("canvas"));
  mark(viewer, container);
  container.dataset.ready = "yes";
}

function fit(canvas) {
  canvas.zoom("fit-viewport");
  const { inner, outer } = canvas.viewbox();
  const room = Math.min((outer.width - 2 * PADDING) / inner.width, (outer.height - 2 * PADDING) / inner.height);
  const scale = Math.min(room, 1);
  const width = outer.width / scale;
  const height = outer.height / scale;
  canvas.viewbox({
    x: inner.x - (width - inner.width) / 2,
    y: inner.y - (height - inner.height) / 2,
    width,
    height,
  });
}

function mark(viewer, container) {
  const canvas = viewer.get("canvas");
  const known = viewer.get("elementRegistry");
  const list = (text) => (text || "").split(" ").filter((id) => id && known.get(id));
  list(container.dataset.done).forEach((id) => canvas.addMarker(id, "is-done"));
  list(container.dataset.current).forEach((id) => {
    canvas.addMarker(id, "is-current");
    const label = document.createElement("div");
    label.className = "current-label";
    label.textContent = container.dataset.label;
    viewer.get("overlays").add(id, { position: { top: -28, left: 0 }, html: label });
  });
}

document.querySelectorAll("[data-diagram]").forEach((container) => {
  draw(container).catch((problem) => {
    container.classList.add("is-broken");
    container.textContent = container.dataset.broken;
    console.warn(problem);
  });
});
