// Single keys act on whatever carries data-key; `?` lists them; Escape leaves a field. Only for people who want it.
const sheet = document.getElementById("mu-keys");

function visible(key) {
  return [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((element) => element.checkVisibility());
}

function label(element) {
  return element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent.trim().replace(/\s+/g, " ");
}

function list() {
  const rows = [["?", "This list"], ["Esc", "Leave a field"]];
  const known = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    const { key } = element.dataset;
    if (known.has(key) || !element.checkVisibility()) continue;
    known.add(key);
    rows.push([key, label(element)]);
  }
  sheet.querySelector("dl").replaceChildren(...rows.flatMap(([key, what]) => {
    const term = document.createElement("dt");
    term.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    return [term, Object.assign(document.createElement("dd"), { textContent: what })];
  }));
  sheet.showModal();
}

function isTyping(target) {
  return target.isContentEditable || target.matches("input:not([type=radio], [type=checkbox]), textarea, select");
}

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!sheet || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (isTyping(target)) {
    if (key === "Escape") target.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  if (key === "?") {
    event.preventDefault();
    list();
    return;
  }
  const element = key.length === 1 ? visible(key) : null;
  if (!element) return;
  event.preventDefault();
  // An answer to a page ends the search for others: its key goes to the button, and Enter presses it.
  if (element.matches("input, textarea, select, [data-key-goes]")) element.focus();
  else element.click();
});
