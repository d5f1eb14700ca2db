// One line: Enter posts on a desk and makes a line on a phone; a pasted block never posts by itself; commands and
// handles are completed by keyboard; a leading time shows its moment before it settles. Without this it is a textarea.
const field = document.getElementById("composer-line");
const help = document.getElementById("composer-help");
const files = document.getElementById("composer-chosen");
const desk = window.matchMedia("(min-width: 48.01rem) and (hover: hover)");
const AFTER_PASTE_MS = 500;
const WAIT_MS = 150;
const UPLOAD_MS = 300_000;

let pastedAt = 0;
let timer = 0;
let asked = 0;

function options() {
  return [...help.querySelectorAll("[data-insert]")];
}

function chosen() {
  return options().findIndex((option) => option.getAttribute("aria-selected") === "true");
}

function choose(place) {
  const rows = options();
  rows.forEach((option, index) => option.setAttribute("aria-selected", String(index === place)));
  if (rows[place]) {
    field.setAttribute("aria-activedescendant", rows[place].id);
    rows[place].scrollIntoView({ block: "nearest" });
  } else field.removeAttribute("aria-activedescendant");
}

function close() {
  clearTimeout(timer);
  asked += 1;
  help.replaceChildren();
  field.removeAttribute("aria-activedescendant");
}

function take(option) {
  field.value = option.dataset.insert;
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

async function ask() {
  const line = field.value;
  if (!/^\s*(\/|-?\d)/.test(line) || line.length > 200) {
    close();
    return;
  }
  const number = ++asked;
  try {
    const answer = await fetch(`${field.dataset.help}?line=${encodeURIComponent(line)}`);
    if (number !== asked || !answer.ok || answer.redirected) return;
    help.innerHTML = await answer.text(); // made by our own template, escaped there
  } catch {
    close(); // the line is cut: completion is a courtesy
  }
}

function sayCut() {
  const said = document.getElementById("composer-said");
  said.textContent = "No answer from Muster. Your text is kept: press again, it is posted once.";
  said.classList.add("text-danger");
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, window.innerHeight / 2)}px`;
}

function onKey(event) {
  if (event.isComposing) return;
  const rows = options();
  if (rows.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    choose((chosen() + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length);
  } else if (rows.length && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    take(rows[Math.max(0, chosen())]);
  } else if (rows.length && event.key === "Enter" && chosen() >= 0) {
    event.preventDefault();
    take(rows[chosen()]);
  } else if (event.key === "Escape") {
    close();
  } else if (event.key === "Enter" && desk.matches && !event.shiftKey) {
    event.preventDefault();
    if (Date.now() - pastedAt > AFTER_PASTE_MS && (field.value.trim() || files.files.length)) field.form.requestSubmit();
  }
}

// A pasted screenshot is a file of the note, beside those that were chosen. Words that come with a picture of
// themselves, as out of a table, are pasted as words.
function onPaste(event) {
  pastedAt = Date.now();
  const pasted = event.clipboardData;
  if (!pasted?.files.length || pasted.getData("text/plain")) return;
  event.preventDefault();
  const all = new DataTransfer();
  [...files.files, ...pasted.files].forEach((file) => all.items.add(file));
  files.files = all.files;
  files.closest("details").open = true;
  files.dispatchEvent(new Event("input", { bubbles: true }));
}

if (field) {
  field.addEventListener("paste", onPaste);
  field.form.addEventListener("htmx:configRequest", (event) => {
    if (files.files.length) event.detail.timeout = UPLOAD_MS;
  });
  field.addEventListener("keydown", onKey);
  field.addEventListener("input", () => {
    grow();
    const said = document.getElementById("composer-said");
    said.replaceChildren();
    said.classList.remove("text-danger", "fw-semibold");
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  field.form.addEventListener("htmx:sendError", sayCut);
  field.form.addEventListener("htmx:timeout", sayCut);
  field.form.addEventListener("reset", () => setTimeout(() => {
    grow();
    close();
    files.closest("details").open = false;
  }));
  field.addEventListener("draftRestored", grow);
  help.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[data-insert]");
    if (!option) return;
    event.preventDefault();
    take(option);
  });
  grow();
}
