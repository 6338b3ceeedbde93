// Draws one BPMN diagram with done and current steps marked; the text list beside it says the same in words.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./viewer.css";

const PADDING = 24; // fit-viewport alone clips the outermost nodes
const MARK = 44; // the maker's mark lies at the bottom, beside the drawing and not over it

async function draw(container) {
  const viewer = new NavigatedViewer({ container });
  const answer = await fetch(container.dataset.source);
  if (!answer.ok) throw new Error(`${answer.status} ${container.dataset.source}`);
  await viewer.importXML(await answer.text());
  fit(viewer.get("canvas"), container);
  mark(viewer, container);
  container.dataset.ready = "yes";
}

// As wide as the sheet allows, never enlarged; the sheet is as high as that needs, within a screen.
function fit(canvas, container) {
  const { inner, outer } = canvas.viewbox();
  const across = Math.min((outer.width - 2 * PADDING) / inner.width, 1);
  const most = 0.8 * window.innerHeight;
  container.style.height = `${Math.min(inner.height * across + PADDING + MARK, most)}px`;
  canvas.resized();
  const sheet = canvas.viewbox().outer;
  const scale = Math.min(across, (sheet.height - PADDING - MARK) / inner.height);
  const width = sheet.width / scale;
  const height = sheet.height / scale;
  canvas.viewbox({
    x: inner.x - (width - inner.width) / 2,
    y: inner.y - PADDING / scale,
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
    viewer.get("overlays").add(id, { position: { top: -3, left: 0 }, scale: { min: 1 }, html: label });
  });
}

document.querySelectorAll("[data-diagram]").forEach((container) => {
  draw(container).catch((problem) => {
    container.classList.add("is-broken");
    container.textContent = container.dataset.broken;
    console.warn(problem);
  });
});
