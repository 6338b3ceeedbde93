// The draft is kept as one draws. A draft saved from another window meanwhile is never overwritten.
import { post, whenQuiet } from "./server.js";

const QUIET = 1200;

export function install(state, source) {
  let stopped = false;
  const say = (key, text = state.dataset[key]) => {
    state.textContent = text;
    state.dataset.state = key;
  };
  const save = async () => {
    const revision = Number(state.dataset.revision);
    const answer = await post(state.dataset.address, { text: await source(), revision });
    state.dataset.revision = answer.revision;
    say("saved");
  };
  const soon = whenQuiet(QUIET, () =>
    save().catch((problem) => {
      stopped = true;
      say("failed", problem.message);
    }),
  );
  window.addEventListener("beforeunload", (event) => {
    if (state.dataset.state === "changed") event.preventDefault();
  });
  return () => {
    if (stopped) return;
    say("changed");
    soon();
  };
}
