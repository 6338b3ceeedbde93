// Forms: a second click is held back, and the list of errors gets the focus.

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
