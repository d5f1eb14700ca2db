// A postmortem: the Print button, hints one at a time, and drafts that know with which revision they began.
const seen = "muster:hints-away";

function away() {
  return JSON.parse(localStorage.getItem(seen) ?? "[]");
}

function showOneHint() {
  const gone = away();
  const hints = [...document.querySelectorAll("[data-hint]")];
  const next = hints.find((hint) => !gone.includes(hint.dataset.hint));
  hints.forEach((hint) => {
    hint.hidden = hint !== next;
    hint.classList.toggle("pm-now", hint === next);
  });
}

// A draft that comes back was begun with an older revision: send that one, so that nobody's words are overwritten.
function revisionName(form) {
  return `muster:revision:${location.pathname}:${form.elements.namedItem("body").dataset.draft}`;
}

function section(field) {
  return field?.matches?.("[data-draft^='section-']") ? field.form : null;
}

function remember(event) {
  const form = section(event.target);
  if (!form) return;
  const name = revisionName(form);
  if (event.target.value === event.target.defaultValue) localStorage.removeItem(name);
  else if (localStorage.getItem(name) === null) localStorage.setItem(name, form.elements.namedItem("revision").value);
}

function recall(root) {
  root.querySelectorAll("[data-draft^='section-']").forEach((field) => {
    const name = revisionName(field.form);
    const began = localStorage.getItem(name);
    if (field.form.matches("[data-not-done]")) localStorage.setItem(name, field.form.elements.namedItem("revision").value);
    else if (field.value === field.defaultValue) localStorage.removeItem(name);
    else if (began !== null) field.form.elements.namedItem("revision").value = began;
  });
}

function refresh(root) {
  root.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; });
  recall(root);
  showOneHint();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const link = event.target.closest("[data-hint-away]");
  if (!link) return;
  event.preventDefault();
  localStorage.setItem(seen, JSON.stringify([...away(), link.closest("[data-hint]").dataset.hint].slice(-200)));
  showOneHint();
});
document.addEventListener("input", remember);
// A yes swaps the whole document, the form with it, before drafts.js could hear of it: the words are taken, so the
// field counts as untouched from here on, and its draft goes.
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig.elt.closest("form");
  if (!form || event.detail.requestConfig.verb === "get" || event.detail.xhr.status >= 300) return;
  form.querySelectorAll("[data-draft]").forEach((field) => {
    field.defaultValue = field.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
});
document.addEventListener("htmx:load", (event) => refresh(event.target));
document.addEventListener("htmx:afterSettle", (event) => {
  const wanted = event.detail.requestConfig?.elt?.dataset?.focus;
  if (wanted && document.activeElement === document.body) document.querySelector(wanted)?.focus({ preventScroll: true });
});
refresh(document);
