// Rows of the mapping grid to and from a spreadsheet.

const MOST = 1000;

const rows = () => [...document.querySelectorAll("table[data-grid] tr[data-row]")];
const rowOf = (element) => element?.closest?.("table[data-grid] tr[data-row]");
const isOnCell = () => rowOf(document.activeElement) === document.activeElement?.parentElement && rows().length > 0;
const tell = (text) => document.dispatchEvent(new CustomEvent("notice", { detail: { text, tone: "warn" } }));
const lineOf = (row, member) => `${row.dataset.key}\t${row.dataset.seen}\t${member}`;

document.addEventListener("copy", (event) => {
  if (!isOnCell() || !getSelection().isCollapsed) return;
  const chosen = rows().filter((row) => row.getAttribute("aria-selected") === "true");
  const copied = chosen.length ? chosen : [rowOf(document.activeElement)];
  const lines = copied.map((row) => `${row.dataset.code}\t${row.querySelector("[data-member]").dataset.member}`);
  event.clipboardData.setData("text/plain", lines.join("\n"));
  event.preventDefault();
  document.getElementById("announcer").textContent = `${lines.length} rows copied`;
});

// Two columns find their rows by the code, wherever these are; one goes down from the chosen row.
function linesFor(text) {
  const all = rows();
  const byCode = new Map(all.map((row) => [row.dataset.code, row]).reverse());
  const start = Math.max(0, all.indexOf(rowOf(document.activeElement)));
  const lines = [];
  let left = 0;
  text.replaceAll("\r", "").replace(/\n+$/, "").split("\n").forEach((line, at) => {
    const cells = line.split("\t").map((cell) => cell.trim());
    const row = cells.length > 1 ? byCode.get(cells[0]) : all[start + at];
    if (row && cells.length < 3) lines.push(lineOf(row, cells.at(-1)));
    else if (cells.length > 1) lines.push(line);
    else left += 1;
  });
  return { lines, left };
}

document.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain");
  const isBlock = /[\n\t]/.test(text.trim());
  const input = event.target.closest?.("td.is-editing input");
  if (input ? !isBlock : !isOnCell()) return;
  event.preventDefault();
  input?.dispatchEvent(new CustomEvent("grid-leaves", { bubbles: true }));
  const { lines, left } = linesFor(text);
  if (lines.length > MOST) return tell("These are more than 1,000 rows: paste them in pieces, or import a file.");
  if (left) tell(`${left} lines were left out: the page has no more rows.`);
  if (lines.length) document.dispatchEvent(new CustomEvent("grid-sends", { detail: { text: lines.join("\n") } }));
});
