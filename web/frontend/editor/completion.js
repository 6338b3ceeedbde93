// Completion in an expression: the word under the cursor against the known variables, or a variable's own outcomes.
let count = 0;

export function complete(input, known) {
  const list = document.createElement("ul");
  list.className = "completion";
  list.id = `completion-${(count += 1)}`;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  input.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("autocomplete", "off");
  let chosen = 0;
  const close = () => show(input, list, []);
  const offer = () => {
    chosen = 0;
    show(input, list, suggestions(input, known()));
  };
  const take = () => {
    insert(input, list.children[chosen].dataset.text);
    close();
  };
  input.addEventListener("input", offer);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) chosen = mark(input, list, (chosen + step + list.children.length) % list.children.length);
    else if (event.key === "Enter" || event.key === "Tab") take();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the field keeps the focus
    chosen = [...list.children].indexOf(event.target.closest("li"));
    if (chosen >= 0) take();
  });
}

function suggestions(input, known) {
  const before = input.value.slice(0, input.selectionStart);
  const compared = before.match(/([A-Za-z_]\w*)\s*(?:==|!=)\s*["']?(\w*)$/);
  if (compared) {
    const values = known.find((one) => one.name === compared[1])?.values || [];
    return values.filter((value) => value.startsWith(compared[2])).map((value) => ({ text: `"${value}"`, title: "" }));
  }
  const word = before.match(/[A-Za-z_]\w*$/)?.[0];
  if (!word) return [];
  const fits = known.filter(({ name, title }) => name !== word && (name.includes(word) || title.includes(word)));
  return fits.slice(0, 8).map(({ name, title }) => ({ text: name, title }));
}

function show(input, list, found) {
  list.replaceChildren(...found.map(entry));
  list.hidden = !found.length;
  input.setAttribute("aria-expanded", String(found.length > 0));
  if (found.length) mark(input, list, 0);
}

function entry({ text, title }, index) {
  const line = document.createElement("li");
  line.id = `completion-entry-${(count += 1)}`;
  line.setAttribute("role", "option");
  line.dataset.text = text;
  const code = document.createElement("code");
  code.textContent = text;
  line.append(code, ` ${title}`);
  line.ariaSelected = String(index === 0);
  return line;
}

function mark(input, list, index) {
  [...list.children].forEach((line, at) => (line.ariaSelected = String(at === index)));
  input.setAttribute("aria-activedescendant", list.children[index].id);
  return index;
}

function insert(input, text) {
  const at = input.selectionStart;
  const before = input.value.slice(0, at).replace(text.startsWith('"') ? /["']?\w*$/ : /[A-Za-z_]\w*$/, "");
  const after = input.value.slice(at).replace(/^["']/, text.startsWith('"') ? "" : "$&");
  input.value = before + text + after;
  input.setSelectionRange((before + text).length, (before + text).length);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
