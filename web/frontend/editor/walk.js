// A counter-example as a walk on the drawing: its steps light up one after another; a step of the list jumps there.
const PACE = 700;

// `list` holds a `data-step` for each step in order; the drawing shows the innermost element of it that it has.
export function walker(list, { canvas, registry, go }) {
  const lines = [...list.querySelectorAll("[data-step]")];
  const ids = lines.map((line) => shown(line.dataset.step, registry));
  let timer;
  const mark = (upto) => {
    clearTimeout(timer);
    ids.forEach((id) => id && ["is-walked", "is-here"].forEach((name) => canvas.removeMarker(id, name)));
    ids.slice(0, upto + 1).forEach((id) => id && canvas.addMarker(id, "is-walked"));
    lines.forEach((line, at) => line.toggleAttribute("data-here", at === upto));
    if (!ids[upto]) return;
    canvas.addMarker(ids[upto], "is-here");
    go(ids[upto]);
  };
  const play = (at = 0) => {
    mark(at);
    if (at + 1 < ids.length && list.isConnected) timer = setTimeout(() => play(at + 1), PACE);
  };
  lines.forEach((line, at) => line.addEventListener("click", () => mark(at)));
  return { play, clear: () => mark(-1) };
}

// A step inside a called process names the procedure and the calls before it (`post_subsidy:disbursement/record`).
function shown(step, registry) {
  const path = step.split(":").pop().split("/");
  return [...path].reverse().find((id) => registry.get(id)) || null;
}
