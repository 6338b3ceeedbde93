// On a phone a table's rows stand as blocks without its head: every figure is then told by its column's title.
const label = (table) => {
  const titles = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
  for (const row of table.tBodies[0]?.rows ?? []) {
    if (row.cells.length !== titles.length) continue;
    [...row.cells].forEach((cell, at) => {
      if (cell.matches("td.number:not([data-label])") && titles[at]) cell.dataset.label = titles[at];
    });
  }
};

document.addEventListener("htmx:load", (event) => {
  event.detail.elt.querySelectorAll("table.stacked").forEach(label);
});
