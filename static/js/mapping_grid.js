// The mapping grid by keyboard: cells, changes in place, sent at once, and taken back.

const MEMBER = 4;
const JUMP = 10;
const history = [];

const grid = () => document.querySelector("table[data-grid]");
const rows = () => [...(grid()?.querySelectorAll("tr[data-row]") ?? [])];
const rowOf = (element) => element?.closest?.("tr[data-row]");
const cellOf = (element) => element?.closest?.("table[data-grid] tr[data-row] > *");
const columnOf = (cell) => [...cell.parentElement.children].indexOf(cell);
const tools = () => document.querySelector(".grid-tools");
const tell = (text, tone) =>
  document.dispatchEvent(new CustomEvent("notice", { detail: { text, tone } }));
const say = (text) => (document.getElementById("announcer").textContent = text);

// The roles of a grid are given here: without scripts it is a table with links.
function prepareRow(row) {
  row.setAttribute("role", "row");
  [...row.children].forEach((cell, at) => {
    cell.setAttribute("role", at ? "gridcell" : "rowheader");
    cell.tabIndex = -1;
    if (at !== MEMBER) cell.setAttribute("aria-readonly", "true");
    for (const part of cell.querySelectorAll("a, button")) part.tabIndex = -1;
  });
}

function prepare() {
  const table = grid();
  if (!table || table.getAttribute("role") === "grid") return;
  table.setAttribute("role", "grid");
  table.setAttribute("aria-multiselectable", "true");
  for (const part of table.tHead.rows) part.setAttribute("role", "row");
  for (const head of table.tHead.rows[0].cells) head.setAttribute("role", "columnheader");
  for (const part of [table.tHead, ...table.tBodies]) part.setAttribute("role", "rowgroup");
  rows().forEach(prepareRow);
  const first = rows()[0]?.children[MEMBER];
  if (first) first.tabIndex = 0;
  document.querySelector("[data-grid-keys]").hidden = false;
  document.querySelector("[data-undoes]").hidden = !history.length;
  const since = document.getElementById("grid-since");
  const kept = sessionStorage.getItem("grid-since");
  if ([...since.options].some((option) => option.value === kept)) since.value = kept;
}

function focusCell(cell) {
  if (!cell) return;
  for (const other of grid().querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus();
}

function goTo(row, column) {
  const all = rows();
  focusCell(all[Math.max(0, Math.min(all.length - 1, row))]?.children[column]);
}

// Rows are chosen from an anchor on, with the shift key.
let anchor = null;

function choose(from, to) {
  rows().forEach((row, at) => {
    const isChosen = from !== null && at >= Math.min(from, to) && at <= Math.max(from, to);
    row.setAttribute("aria-selected", String(isChosen));
  });
}

function chosenRows() {
  const chosen = rows().filter((row) => row.getAttribute("aria-selected") === "true");
  return chosen.length ? chosen : [rowOf(document.activeElement)].filter(Boolean);
}

// Sending: what was typed stands there at once, and gives way to what the answer says.
const lineOf = (row, member) => `${row.dataset.key}\t${row.dataset.seen}\t${member}`;

function showAsSaving(text, holdsParts) {
  const byKey = new Map(rows().map((row) => [row.dataset.key, row]));
  for (const line of text.split("\n")) {
    const [key, , member] = line.split("\t");
    const row = byKey.get(key);
    if (!row) continue;
    row.setAttribute("aria-busy", "true");
    if (!holdsParts) row.querySelector("[data-shown]").textContent = member || "(not mapped)";
  }
}

function replaceRow(fresh) {
  const old = rows().find((row) => row.dataset.key === fresh.dataset.key);
  if (!old) return;
  const column = old.contains(document.activeElement) ? columnOf(cellOf(document.activeElement)) : -1;
  const stop = [...old.children].findIndex((cell) => cell.tabIndex === 0);
  fresh.setAttribute("aria-rowindex", old.getAttribute("aria-rowindex"));
  old.replaceWith(fresh);
  prepareRow(fresh);
  if (stop >= 0) fresh.children[stop].tabIndex = 0;
  if (column >= 0) focusCell(fresh.children[column]);
  window.htmx?.process(fresh);
}

function takeAnswer(page, isUndo, isBlock) {
  const isRow = page.querySelector("tr[data-row]");
  for (const row of page.querySelectorAll("tr[data-row]")) replaceRow(document.adoptNode(row));
  const result = page.getElementById("grid-result");
  const back = result.querySelector("[data-undo] textarea")?.value;
  if (back && !isUndo) history.push(back);
  if (isUndo && back) history.pop();
  if (isUndo) result.querySelector("[data-undo]")?.remove();
  document.querySelector("[data-undoes]").hidden = !history.length;
  const errors = result.querySelectorAll(".outcomes li").length;
  const place = document.getElementById("grid-result");
  if (isBlock || (errors && !isRow)) place.replaceChildren(...document.adoptNode(result).childNodes);
  else place.replaceChildren();
  say((result.querySelector("h2") ?? place.querySelector("h2"))?.textContent ?? "");
}

// What was sent just now is what the next change of the same row has seen.
function withOwnChanges(text) {
  const byKey = new Map(rows().map((row) => [row.dataset.key, row]));
  const lines = text.split("\n").map((line) => {
    const [key, seen, member] = line.split("\t");
    const row = byKey.get(key);
    return row?.dataset.status === "200" ? [key, row.dataset.seen, member].join("\t") : line;
  });
  return lines.join("\n");
}

// One after the other, so that the last change is known when it is taken back.
let sent = Promise.resolve();

function send(text, wants = "members") {
  showAsSaving(text, wants === "parts");
  sent = sent.then(() => post(wants === "members" ? withOwnChanges(text) : text, wants, false));
}

function undo() {
  sent = sent.then(() => (history.length ? post(history.at(-1), "parts", true) : null));
}

async function post(text, wants, isUndo) {
  const form = tools();
  const data = new FormData(form);
  data.set("rows", text);
  data.set("wants", wants);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: data,
      headers: { "HX-Request": "true", Accept: "text/html" },
    });
    const html = await answer.text();
    const page = new DOMParser().parseFromString(html, "text/html");
    if (!page.getElementById("grid-result")) throw new Error(String(answer.status));
    takeAnswer(page, isUndo, text.trim().includes("\n"));
  } catch {
    tell("Not saved: there was no answer. Load the page again to see what it has.", "bad");
  }
  for (const row of rows()) row.removeAttribute("aria-busy");
}

// Changing a member in its cell.
function edit(cell, begin = null) {
  const row = rowOf(cell);
  if (!row || cell.querySelector("input")) return;
  const input = document.createElement("input");
  const code = row.querySelector("code").textContent;
  input.value = begin ?? cell.dataset.member;
  input.maxLength = 200;
  input.autocomplete = "off";
  input.setAttribute("aria-label", `Anaplan member of ${code}`);
  input.dataset.members = grid().dataset.members;
  input.dataset.dimension = document.getElementById("grid-list").dataset.dimension;
  cell.classList.add("is-editing");
  cell.append(input);
  input.focus();
  if (begin === null) input.select();
  else input.dispatchEvent(new Event("input", { bubbles: true }));
}

function leave(input, isSaved) {
  const cell = cellOf(input);
  const value = input.value.trim();
  const isChanged = value !== cell.dataset.member;
  cell.classList.remove("is-editing");
  input.remove();
  focusCell(cell);
  if (isSaved && isChanged) send(lineOf(rowOf(cell), value));
}

function editKeys(event) {
  const input = event.target;
  const at = rows().indexOf(rowOf(input));
  if (event.key === "Escape") {
    leave(input, false);
  } else if (event.key === "Enter") {
    leave(input, true);
    goTo(at + 1, MEMBER);
  } else if (event.key === "Tab") {
    leave(input, true);
    const next = rows()[at + (event.shiftKey ? -1 : 1)];
    if (!next) return;
    focusCell(next.children[MEMBER]);
    edit(next.children[MEMBER]);
  } else return;
  event.preventDefault();
}

// Moving and pressing.
const MOVES = {
  ArrowDown: (at, column) => [at + 1, column],
  ArrowUp: (at, column) => [at - 1, column],
  ArrowRight: (at, column) => [at, column + 1],
  ArrowLeft: (at, column) => [at, column - 1],
  PageDown: (at, column) => [at + JUMP, column],
  PageUp: (at, column) => [at - JUMP, column],
  Home: (at, column, isFar) => [isFar ? 0 : at, 0],
  End: (at, column, isFar) => [isFar ? Infinity : at, Infinity],
};

function move(event, cell) {
  const at = rows().indexOf(rowOf(cell));
  const last = cell.parentElement.children.length - 1;
  const [row, column] = MOVES[event.key](at, columnOf(cell), event.ctrlKey || event.metaKey);
  goTo(row, Math.max(0, Math.min(last, column)));
  if (!event.shiftKey) anchor = null;
  else anchor ??= at;
  choose(anchor, rows().indexOf(rowOf(document.activeElement)));
}

function press(cell) {
  if (columnOf(cell) === MEMBER && !cell.querySelector(".field-error")) return edit(cell);
  const part = cell.querySelector("a, button");
  if (part) part.click();
  else if (columnOf(cell) === MEMBER) edit(cell);
}

function cellKeys(event) {
  const cell = event.target;
  const isCommand = event.ctrlKey || event.metaKey;
  const isMember = columnOf(cell) === MEMBER;
  if (event.key in MOVES) move(event, cell);
  else if (event.key === "Enter") press(cell);
  else if (event.key === "F2") edit(cell.parentElement.children[MEMBER]);
  else if (isCommand && event.key.toLowerCase() === "z") undo();
  else if (event.key === "Delete" && isMember) send(chosenRows().map((row) => lineOf(row, "")).join("\n"));
  else if (isMember && event.key.length === 1 && !isCommand && !event.altKey) edit(cell, event.key);
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented && event.key !== "Enter") return;
  const cell = cellOf(event.target);
  if (!cell) return;
  if (event.target.matches("input")) editKeys(event);
  else if (event.target === cell) cellKeys(event);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-undoes]")) return undo();
  const cell = cellOf(event.target);
  if (!cell || event.target.closest("a, button, input, li")) {
    if (event.target.closest("[data-keeps]")) keepTheirs(event.target);
    return;
  }
  anchor = null;
  choose(null);
  focusCell(cell);
  if (columnOf(cell) === MEMBER) edit(cell);
});

function keepTheirs(button) {
  const cell = cellOf(button);
  for (const part of cell.querySelectorAll(".field-error, .both, form, [data-keeps]")) part.remove();
  focusCell(cell);
}

document.addEventListener("member-taken", (event) => cellOf(event.target) && leave(event.target, true));
document.addEventListener("focusout", (event) => {
  const isLeft = event.target.matches?.("td.is-editing input") && event.target.isConnected;
  if (isLeft && event.relatedTarget && !rowOf(event.relatedTarget)) leave(event.target, true);
});
document.addEventListener("change", (event) => {
  if (event.target.id === "grid-since") sessionStorage.setItem("grid-since", event.target.value);
});

// Forms of the grid are sent in place; what they hold is the same as without scripts.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-grid-form]");
  if (!form) return;
  event.preventDefault();
  const { rows: text, wants } = form.elements;
  if (form.matches("[data-undo]")) return void undo();
  send(text.value.replace(/[\r\n]+$/, ""), wants.value);
  if (text.id === "grid-rows") text.value = "";
});

// A pasted block comes from mapping_blocks.js, which ends a change in place before.
document.addEventListener("grid-leaves", (event) => leave(event.target, false));
document.addEventListener("grid-sends", (event) => send(event.detail.text));

document.addEventListener("htmx:afterSettle", prepare);
prepare();
