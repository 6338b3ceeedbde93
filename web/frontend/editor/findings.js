// Check as you type: what stands against publishing, listed beside the drawing and marked on it.
import { post, whenQuiet } from "./server.js";

const QUIET = 400;

// `source` gives the text as it is drawn now; `go` leads to an element by its id.
export function install(panel, { source, go, mark }) {
  const list = panel.querySelector("[data-findings-list]");
  const check = async () => {
    panel.dataset.state = "checking";
    const { findings } = await post(panel.dataset.address, { text: await source() });
    panel.querySelector("[data-count]").textContent = findings.length;
    list.replaceChildren(...findings.map((finding) => line(finding, panel, go)));
    panel.dataset.state = findings.length ? "refused" : "clean";
    mark(findings.map((finding) => finding.element).filter(Boolean));
    panel.dispatchEvent(new CustomEvent("checked", { detail: findings }));
  };
  return whenQuiet(QUIET, () =>
    check().catch((problem) => {
      panel.dataset.state = "failed";
      panel.querySelector("[data-failed]").textContent = problem.message;
    }),
  );
}

function line(finding, panel, go) {
  const item = document.createElement("li");
  const what = document.createElement(finding.element ? "button" : "span");
  what.textContent = finding.message;
  if (finding.element) {
    what.type = "button";
    what.className = "link";
    what.addEventListener("click", () => go(finding.element));
  }
  const fix = document.createElement("small");
  fix.textContent = `${finding.fix} ${panel.dataset.line.replace("%", finding.line)}`;
  item.append(what, fix);
  return item;
}
