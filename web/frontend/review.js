// A score card adds up while one types. The server says the same after every save; without this it says it then.

const hundredths = (text) => (/^\d+(\.\d{1,2})?$/.test(text.trim()) ? Math.round(Number(text) * 100) : null);

const bandOf = (points, scale) =>
  scale
    .split(";")
    .map((part) => part.split("="))
    .find(([, least]) => points >= Math.round(Number(least) * 100))?.[0] ?? "";

const addUp = (card) => {
  let total = 0;
  card.querySelectorAll("input[data-weight]").forEach((input) => {
    const points = hundredths(input.value);
    const within = points !== null && points <= Number(input.dataset.weight) * 100;
    if (within) total += points;
    input.toggleAttribute("aria-invalid", input.value.trim() !== "" && !within);
    if (input.hasAttribute("aria-invalid")) input.setAttribute("aria-invalid", "true");
    input.closest("tr").querySelector("[data-band]").textContent = within ? bandOf(points, input.dataset.scale) : "";
  });
  card.closest("section").querySelector("[data-total]").textContent = String(total / 100);
};

document.addEventListener("input", (event) => {
  const card = event.target.closest("[data-scorecard]");
  if (card) addUp(card);
});
