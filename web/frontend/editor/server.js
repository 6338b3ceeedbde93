// Asking the server: the page's token goes along; an answer that is no success becomes its sentence.
export async function post(address, body) {
  const token = document.querySelector("[data-token]").dataset.token;
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  if (!answer.ok) throw new Error(said.message || `${answer.status}`);
  return said;
}

// Runs once things have been quiet for a while; never twice at once, and again if something came meanwhile.
export function whenQuiet(delay, work) {
  let timer, running, again;
  const run = async () => {
    if (running) return void (again = true);
    running = true;
    again = false;
    try {
      await work();
    } finally {
      running = false;
      if (again) start();
    }
  };
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(run, delay);
  };
  return start;
}
