// The case page on paper: folded parts that hold no form are printed open, and folded again afterwards.
const folded = () => [...document.querySelectorAll("details:not([open])")].filter((part) => !part.querySelector("form"));
let opened = [];

window.addEventListener("beforeprint", () => {
  opened = folded();
  opened.forEach((part) => part.setAttribute("open", ""));
});
window.addEventListener("afterprint", () => {
  opened.forEach((part) => part.removeAttribute("open"));
  opened = [];
});
