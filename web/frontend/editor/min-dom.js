// What the token simulation and the table editor make their markup with. The content policy lets no style attribute
// of a text through: styles are set on the made elements instead. The simulation's words are translated on the way.
import { domify as make } from "min-dom";
import { simulationWords } from "./translations.js";

export * from "min-dom";

export function domify(markup) {
  const made = make(simulationWords(markup).replaceAll(' style="', ' data-style="'));
  [made, ...made.querySelectorAll("[data-style]")].forEach((element) => {
    element.style.cssText += element.dataset.style || "";
  });
  return made;
}
