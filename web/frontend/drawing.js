// One BPMN diagram in its container, as wide as the sheet allows.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "./drawing.css";
import { COLOURS, LETTERS } from "./letters.js";

const PADDING = 24; // fit-viewport alone clips the outermost nodes
const MARK = 44; // the maker's mark lies at the bottom, beside the drawing and not over it

export async function draw(container) {
  const viewer = new NavigatedViewer({ container, textRenderer: LETTERS, bpmnRenderer: COLOURS });
  const answer = await fetch(container.dataset.source);
  if (!answer.ok) throw new Error(`${answer.status} ${container.dataset.source}`);
  await viewer.importXML(await answer.text());
  fit(viewer.get("canvas"), container);
  return viewer;
}

export function broken(container, problem) {
  container.classList.add("is-broken");
  container.textContent = container.dataset.broken;
  console.warn(problem);
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
