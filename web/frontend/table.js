// The editor of a decision table: dmn-js within the safe subset, its cells in our own expressions.
import EditingManager from "dmn-js-shared/lib/base/EditingManager";
import DecisionTableEditor from "dmn-js-decision-table/lib/Editor";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import "./editor/editor.css";
import "./editor/table.css";
import * as findings from "./editor/findings.js";
import * as hitPolicies from "./editor/hit-policies.js";
import * as saving from "./editor/saving.js";
import { tableTranslations } from "./editor/table-words.js";

const LANGUAGE = "keguan"; // neither FEEL nor another product's; a cell is edited as plain text

class TableEditor extends EditingManager {
  _getViewProviders() {
    const opens = (element) => element.$type === "dmn:Decision" && element.decisionLogic?.$type === "dmn:DecisionTable";
    return [{ id: "decisionTable", constructor: DecisionTableEditor, opens }];
  }
}

async function open(page) {
  const editor = new TableEditor({
    container: page.querySelector("[data-canvas]"),
    common: {
      dataTypes: ["string", "number", "boolean"],
      expressionLanguages: { options: [{ label: "表达式", value: LANGUAGE }], defaults: { editor: LANGUAGE } },
    },
    decisionTable: { additionalModules: [tableTranslations] },
  });
  const source = async () => (await editor.saveXML({ format: true })).xml;
  const check = findings.install(page.querySelector("[data-findings]"), { source, go: () => {}, mark: () => {} });
  const save = saving.install(page.querySelector("[data-saving]"), source);
  const answer = await fetch(page.dataset.source);
  const text = await answer.text();
  foreignPolicy(text);
  await editor.importXML(text);
  const table = editor.getActiveViewer();
  table.on("elements.changed", () => {
    check();
    save();
  });
  check();
  page.querySelectorAll("[data-does]").forEach((button) =>
    button.addEventListener("click", () => table.get("commandStack")[button.dataset.does]()),
  );
  page.dataset.ready = "yes";
}

function foreignPolicy(text) {
  const table = new DOMParser().parseFromString(text, "application/xml").getElementsByTagNameNS("*", "decisionTable")[0];
  if (table) hitPolicies.show(table.getAttribute("hitPolicy") || "UNIQUE", table.getAttribute("aggregation") || undefined);
}

document.querySelectorAll("[data-table]").forEach((page) => {
  open(page).catch((problem) => {
    page.querySelector("[data-broken]").hidden = false;
    page.querySelector("[data-broken] [data-why]").textContent = problem.message;
    console.warn(problem);
  });
});
