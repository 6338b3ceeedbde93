// What the token simulation makes its markup with. The content policy lets no style attribute of a text through, and
// its words are English only: styles are set on the made elements instead, and the words translated before.
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
