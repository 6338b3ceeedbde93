// Keys for lists: j and k move, o opens, x ticks, n and p turn pages, / searches, ? lists them all.
// Everything they do is a link, a box or a field on the page, so nothing is lost without them.

const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
const current = (all) => {
  const focused = all.indexOf(document.activeElement);
  return focused >= 0 ? focused : all.findIndex((row) => row.hasAttribute("aria-current"));
};

const move = (by) => {
  const all = rows();
  if (!all.length) return;
  const at = current(all) + by;
  if (at >= all.length) return turn("after");
  all[Math.max(at, 0)].focus();
  all[Math.max(at, 0)].scrollIntoView({ block: "nearest" });
};

const turn = (way) => document.querySelector(`[data-page="${way}"]`)?.click();

const tick = () => {
  const all = rows();
  const box = all[current(all)]?.closest("li, tr")?.querySelector("[type=checkbox]");
  if (box) box.checked = !box.checked;
};

const shortcuts = () => {
  const dialog = document.getElementById("shortcuts");
  if (dialog && !dialog.open) dialog.showModal();
};

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => rows()[current(rows())]?.click(),
  x: tick,
  n: () => turn("after"),
  p: () => turn("before"),
  u: () => document.querySelector("[data-back]")?.click(),
  "/": () => document.querySelector("[data-search], [type=search]")?.focus(),
  "?": shortcuts,
};

const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shortcuts]")) shortcuts();
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-select-all]")) return;
  const boxes = event.target.closest("form").querySelectorAll("[data-rows] [type=checkbox]");
  boxes.forEach((box) => { box.checked = event.target.checked; });
});

// The list stays where it was when the next step opens.
document.addEventListener("DOMContentLoaded", () => {
  rows().find((row) => row.hasAttribute("aria-current"))?.scrollIntoView({ block: "nearest" });
});
