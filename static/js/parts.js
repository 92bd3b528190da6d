// Parts on top of pages that work without them: menus, colours, notices, copying, dialogs.

// A menu closes on Escape and when something else is pressed.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open], details.confirm[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// The choice of colours takes effect at once and is kept as the form would keep it.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const theme = event.submitter.value;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === event.submitter));
  }
  const data = new FormData(form);
  data.set("theme", theme);
  fetch(form.action, { method: "POST", body: data, redirect: "manual" });
});

// Notices. One that tells of trouble stays until it is closed; others leave when nobody is at them.
const NOTICE_TIME = 8_000;

export function notify(text, tone = "good") {
  const notice = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  notice.classList.add(`tone-${tone}`);
  notice.querySelector("[data-text]").textContent = text;
  document.getElementById("toasts").append(notice);
  document.getElementById("announcer").textContent = text;
  if (tone === "bad" || tone === "warn") return;
  const leave = () => (notice.matches(":hover, :focus-within") ? setTimeout(leave, 1_000) : notice.remove());
  setTimeout(leave, NOTICE_TIME);
}

// An answer to HTMX may say something: HX-Trigger: {"notice": {"text": "Saved.", "tone": "good"}}
document.addEventListener("notice", (event) => notify(event.detail.text, event.detail.tone));

for (const button of document.querySelectorAll("[data-dismisses]")) button.hidden = false;
document.addEventListener("click", (event) => {
  event.target.closest("[data-dismisses]")?.closest(".message, .toast").remove();
});

// Copying.
function showCopyButtons() {
  for (const button of document.querySelectorAll("[data-copies]")) button.hidden = false;
}
showCopyButtons();
document.addEventListener("htmx:afterSettle", showCopyButtons);
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    notify("Copied.");
  } catch {
    getSelection().selectAllChildren(source);
    notify("The browser did not allow it. The text is selected: press Ctrl+C.", "warn");
  }
});

// A link to a page that asks for confirmation shows that page's question in a dialog.
async function askInDialog(link) {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error("The page has to be opened itself.");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = page.querySelector("[data-dialog-part]");
  const dialog = document.getElementById("dialog-template").content.firstElementChild.cloneNode(true);
  const heading = document.createElement("h2");
  heading.id = "dialog-title";
  heading.textContent = part.querySelector("h1").textContent;
  part.querySelector("h1").replaceWith(heading);
  const form = part.querySelector("form");
  if (!form.hasAttribute("action")) form.setAttribute("action", link.href);
  dialog.append(document.adoptNode(part));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("dialog-opened", { bubbles: true }));
  (dialog.querySelector(".field input") ?? dialog.querySelector("[data-closes]"))?.focus();
}

document.addEventListener("click", (event) => {
  const closer = event.target.closest("dialog [data-closes]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
  const link = event.target.closest("a[data-asks]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  askInDialog(link).catch(() => location.assign(link.href));
});
