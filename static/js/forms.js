// Forms on top of what works without scripts: errors first, shown passwords, counted choices.

document.querySelector(".error-summary[data-focus]")?.focus();

// A password may be looked at; it is hidden again before it is sent.
function offerReveal(root) {
  for (const button of root.querySelectorAll?.("[data-reveals]") ?? []) button.hidden = false;
}

function setRevealed(button, isRevealed) {
  const input = document.getElementById(button.dataset.reveals);
  input.type = isRevealed ? "text" : "password";
  button.setAttribute("aria-pressed", String(isRevealed));
  button.firstChild.data = isRevealed ? "Hide" : "Show";
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveals]");
  if (button) setRevealed(button, button.getAttribute("aria-pressed") !== "true");
});
document.addEventListener("submit", (event) => {
  for (const button of event.target.querySelectorAll("[data-reveals]")) setRevealed(button, false);
});

// A field that asks for the time zone begins with the browser's own, unless a choice was made.
for (const field of document.querySelectorAll("[data-browser-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isKnown = !field.options || [...field.options].some((option) => option.value === zone);
  if (zone && isKnown) field.value = zone;
}

// Records to replay: how many are chosen stands on the button.
function countChosen(root) {
  for (const form of root.querySelectorAll?.("[data-choices]") ?? []) {
    const place = form.querySelector("[data-chosen-count]");
    if (!place) continue;
    const count = form.querySelectorAll("input[name=record]:checked").length;
    place.textContent = count ? `(${count})` : "";
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("input[name=record]")) countChosen(document);
});
document.addEventListener("htmx:afterSettle", (event) => {
  countChosen(event.target);
  offerReveal(event.target);
});
document.addEventListener("dialog-opened", (event) => offerReveal(event.target));
countChosen(document);
offerReveal(document);
