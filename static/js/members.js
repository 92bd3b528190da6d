// A field for an Anaplan member offers those of the list that fit what was typed.

const PAUSE = 120;

let timer = 0;
let asking = null;
let list = null;
let count = 0;

const isMemberField = (element) => element?.matches?.("input[data-members]");
const options = () => [...(list?.children ?? [])];
const active = () => list?.querySelector("[aria-selected=true]");

function close() {
  clearTimeout(timer);
  asking?.abort();
  const input = list?.input;
  list?.remove();
  list = null;
  input?.setAttribute("aria-expanded", "false");
  input?.removeAttribute("aria-activedescendant");
  input?.removeAttribute("aria-controls");
}

// The list hangs below the field, above everything: boxes around tables would cut it off.
function show(input, html) {
  close();
  if (!html.trim() || document.activeElement !== input) return;
  list = document.createElement("ul");
  list.className = "member-list";
  list.id = `member-list-${(count += 1)}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Members");
  list.innerHTML = html;
  list.input = input;
  options().forEach((option, at) => (option.id = `${list.id}-${at}`));
  const place = input.getBoundingClientRect();
  list.style.left = `${place.left}px`;
  list.style.top = `${place.bottom + 2}px`;
  list.style.minWidth = `${place.width}px`;
  input.after(list);
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", list.id);
}

async function ask(input) {
  asking?.abort();
  asking = new AbortController();
  const words = new URLSearchParams({ dimension: input.dataset.dimension, q: input.value });
  try {
    const answer = await fetch(`${input.dataset.members}?${words}`, { signal: asking.signal });
    if (answer.ok) show(input, await answer.text());
  } catch {
    // Without an answer the field takes what is typed.
  }
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  option.scrollIntoView({ block: "nearest" });
  list.input.setAttribute("aria-activedescendant", option.id);
}

function take(option) {
  const { input } = list;
  input.value = option.dataset.text;
  close();
}

function step(input, by) {
  if (!list) return void ask(input);
  const all = options();
  const at = all.indexOf(active());
  choose(all[(at + by + all.length) % all.length] ?? all[0]);
}

document.addEventListener("focusin", (event) => {
  if (!isMemberField(event.target)) return;
  const input = event.target;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  if (!input.hasAttribute("aria-expanded")) input.setAttribute("aria-expanded", "false");
});

document.addEventListener("input", (event) => {
  if (!isMemberField(event.target)) return;
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE, event.target);
});

// Before others hear a key, so that what they take is what was chosen.
document.addEventListener(
  "keydown",
  (event) => {
    if (!isMemberField(event.target)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.target, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && list) {
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" || event.key === "Tab") {
      const chosen = active();
      if (chosen) take(chosen);
      else close();
      if (chosen && event.key === "Enter") event.preventDefault();
    }
  },
  true,
);

document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest(".member-list [role=option]");
  if (!option) return;
  event.preventDefault();
  const { input } = list;
  take(option);
  input.dispatchEvent(new CustomEvent("member-taken", { bubbles: true }));
});

document.addEventListener("focusout", (event) => {
  if (isMemberField(event.target)) close();
});
document.addEventListener("scroll", (event) => !list?.contains(event.target) && close(), true);
