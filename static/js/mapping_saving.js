// Changes of the mapping grid are sent at once, one after the other, and can be taken back.

const history = [];
let sent = Promise.resolve();

const rows = () => [...document.querySelectorAll("table[data-grid] tr[data-row]")];
const byKey = () => new Map(rows().map((row) => [row.dataset.key, row]));
const shownIn = (row) => row.querySelector("[data-shown]");

// What was typed stands there at once, and gives way to what the answer says.
function showAsSaving(text, holdsParts) {
  const known = byKey();
  for (const line of text.split("\n")) {
    const [key, , member] = line.split("\t");
    const row = known.get(key);
    if (!row) continue;
    row.setAttribute("aria-busy", "true");
    row.dataset.was ??= shownIn(row).textContent;
    if (!holdsParts) shownIn(row).textContent = member || "(not mapped)";
  }
}

function endSaving(isLost) {
  for (const row of rows()) {
    if (isLost && row.dataset.was !== undefined) shownIn(row).textContent = row.dataset.was;
    delete row.dataset.was;
    row.removeAttribute("aria-busy");
  }
}

// A row in which somebody types again keeps its field; what it has seen is renewed all the same.
function replaceRow(fresh) {
  const old = byKey().get(fresh.dataset.key);
  if (!old) return;
  if (old.querySelector(".is-editing")) {
    Object.assign(old.dataset, fresh.dataset);
    return;
  }
  const cells = [...old.children];
  const stop = cells.findIndex((cell) => cell.tabIndex === 0);
  const focused = cells.findIndex((cell) => cell.contains(document.activeElement));
  fresh.setAttribute("aria-rowindex", old.getAttribute("aria-rowindex"));
  old.replaceWith(fresh);
  fresh.dispatchEvent(new CustomEvent("grid-row-came", { bubbles: true, detail: { stop, focused } }));
}

function showHistory() {
  const button = document.querySelector("[data-undoes]");
  if (button) button.hidden = !history.length;
}

// The panel tells of blocks, and of what has no row on this page to be told at.
function takeAnswer(page, isUndo, isBlock) {
  const fresh = [...page.querySelectorAll("tr[data-row]")];
  for (const row of fresh) replaceRow(document.adoptNode(row));
  const result = page.getElementById("grid-result");
  const back = result.querySelector("[data-undo] textarea")?.value;
  if (back && isUndo) history.pop();
  else if (back) history.push(back);
  if (isUndo) result.querySelector("[data-undo]")?.remove();
  showHistory();
  document.getElementById("announcer").textContent = result.querySelector("h2")?.textContent ?? "";
  const isTold = isBlock || !fresh.length;
  document.getElementById("grid-result").replaceChildren(...(isTold ? document.adoptNode(result).childNodes : []));
}

// What was sent just now is what the next change of the same row has seen.
function withOwnChanges(text) {
  const known = byKey();
  const lines = text.split("\n").map((line) => {
    const [key, , member] = line.split("\t");
    const row = known.get(key);
    return row?.dataset.status === "200" ? [key, row.dataset.seen, member].join("\t") : line;
  });
  return lines.join("\n");
}

async function post(text, wants, isUndo) {
  const form = document.querySelector(".grid-tools");
  const data = new FormData(form);
  data.set("rows", text);
  data.set("wants", wants);
  let isLost = false;
  try {
    const headers = { "HX-Request": "true", Accept: "text/html" };
    const answer = await fetch(form.action, { method: "POST", body: data, headers });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("grid-result")) throw new Error(String(answer.status));
    takeAnswer(page, isUndo, text.trim().includes("\n"));
  } catch {
    isLost = true;
    const text = "Not saved: there was no answer. Load the page again to see what it has.";
    document.dispatchEvent(new CustomEvent("notice", { detail: { text, tone: "bad" } }));
  }
  endSaving(isLost);
}

function send(text, wants = "members") {
  showAsSaving(text, wants === "parts");
  sent = sent.then(() => post(wants === "members" ? withOwnChanges(text) : text, wants, false));
}

function undo() {
  sent = sent.then(() => (history.length ? post(history.at(-1), "parts", true) : null));
}

document.addEventListener("grid-sends", (event) => send(event.detail.text));
document.addEventListener("grid-undoes", undo);
document.addEventListener("click", (event) => event.target.closest("[data-undoes]") && undo());

// Forms of the grid are sent in place; what they hold is the same as without scripts.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-grid-form]");
  if (!form) return;
  event.preventDefault();
  if (form.matches("[data-undo]")) return void undo();
  const { rows: text, wants } = form.elements;
  send(text.value.replace(/[\r\n]+$/, ""), wants.value);
  if (text.id === "grid-rows") text.value = "";
});

// From when on changes count is kept while the list is narrowed or paged.
function restoreSince() {
  const since = document.getElementById("grid-since");
  const kept = sessionStorage.getItem("grid-since");
  if ([...(since?.options ?? [])].some((option) => option.value === kept)) since.value = kept;
}
document.addEventListener("change", (event) => {
  if (event.target.id === "grid-since") sessionStorage.setItem("grid-since", event.target.value);
});

function prepare() {
  showHistory();
  restoreSince();
}
document.addEventListener("htmx:afterSettle", prepare);
prepare();
