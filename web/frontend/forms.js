// Forms: a second click is held back, the list of errors gets the focus, and what is entered is kept as a draft.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method === "post" && !form.hasAttribute("hx-post")) form.dataset.sent = "yes";
});

// Coming back with the browser's back button must leave the form usable.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

const focusErrors = () => document.querySelector("[data-error-summary]")?.focus();
document.addEventListener("DOMContentLoaded", focusErrors);
document.addEventListener("htmx:afterSwap", focusErrors);

// A draft is sent a moment after the last key, never a file; the button does the same without this script.
const PAUSE = 1500;

document.querySelectorAll("form[data-draft]").forEach((form) => {
  const said = form.querySelector("[data-draft-said]");
  let pending;

  const save = async () => {
    pending = undefined;
    if (form.dataset.sent) return;
    const body = new FormData(form);
    [...body.keys()].filter((name) => body.get(name) instanceof File).forEach((name) => body.delete(name));
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`${answer.status}`);
      said.textContent = (await answer.json()).said;
    } catch {
      said.textContent = form.dataset.draftFailed;
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(pending);
    pending = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", () => clearTimeout(pending));
  // Whoever leaves within the pause loses nothing: the browser finishes the request after the page is gone.
  window.addEventListener("pagehide", () => {
    if (!pending || form.dataset.sent) return;
    clearTimeout(pending);
    const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    fetch(form.dataset.draft, { method: "POST", body, keepalive: true, headers: { Accept: "application/json" } });
  });
});
