// The mapping grid by keyboard: its roles, moving between cells, and changing a member in place.

const MEMBER = 4;
const JUMP = 10;

const grid = () => document.querySelector("table[data-grid]");
const rows = () => [...(grid()?.querySelectorAll("tr[data-row]") ?? [])];
const rowOf = (element) => element?.closest?.("tr[data-row]");
const cellOf = (element) => element?.closest?.("table[data-grid] tr[data-row] > *");
const columnOf = (cell) => [...cell.parentElement.children].indexOf(cell);
const lineOf = (row, member) => `${row.dataset.key}\t${row.dataset.seen}\t${member}`;
const send = (lines) =>
  document.dispatchEvent(new CustomEvent("grid-sends", { detail: { text: lines.join("\n") } }));

// The roles of a grid are given here: without scripts it is a table with links.
function prepareRow(row) {
  row.setAttribute("role", "row");
  [...row.children].forEach((cell, at) => {
    cell.setAttribute("role", at ? "gridcell" : "rowheader");
    cell.tabIndex = -1;
    if (at !== MEMBER) cell.setAttribute("aria-readonly", "true");
    const isFaulty = cell.querySelector(".field-error");
    for (const part of cell.querySelectorAll("a, button")) part.tabIndex = isFaulty ? 0 : -1;
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
}

function focusCell(cell) {
  if (!cell) return;
  for (const other of grid().querySelectorAll(':is(th, td)[tabindex="0"]')) other.tabIndex = -1;
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
  if (isSaved && isChanged) send([lineOf(rowOf(cell), value)]);
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
  const part = cell.querySelector("a, button");
  if (cell.querySelector(".field-error") && part) part.focus();
  else if (columnOf(cell) === MEMBER) edit(cell);
  else part?.click();
}

function cellKeys(event) {
  const cell = event.target;
  const isCommand = event.ctrlKey || event.metaKey;
  const isMember = columnOf(cell) === MEMBER;
  if (event.key in MOVES) move(event, cell);
  else if (event.key === "Enter") press(cell);
  else if (event.key === "F2") edit(cell.parentElement.children[MEMBER]);
  else if (isCommand && event.key.toLowerCase() === "z") document.dispatchEvent(new CustomEvent("grid-undoes"));
  else if (event.key === "Delete" && isMember) send(chosenRows().map((row) => lineOf(row, "")));
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
document.addEventListener("grid-leaves", (event) => leave(event.target, false));

// A row that was saved has come anew: the focus stays where it was.
document.addEventListener("grid-row-came", (event) => {
  const { stop, focused } = event.detail;
  prepareRow(event.target);
  if (stop >= 0) event.target.children[stop].tabIndex = 0;
  if (focused >= 0) focusCell(event.target.children[focused]);
});

document.addEventListener("htmx:afterSettle", prepare);
prepare();
