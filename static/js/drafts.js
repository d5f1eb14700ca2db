// Nothing typed is lost: every [data-draft] field is kept in this browser until Muster has said yes. It survives a
// reload, a cut line and an expired sign-in. The form's submission_key is kept with it, so that pressing again after
// a lost answer posts once; typing on after a press, or choosing a file, takes a new key, so that this is posted too.
const person = document.documentElement.dataset.user;

function address(field) {
  return `muster:draft:${person}:${location.pathname}:${field.dataset.draft || field.name}`;
}

function keyField(field) {
  return field.form?.elements.namedItem("submission_key") ?? null;
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function read(field) {
  return JSON.parse(localStorage.getItem(address(field)) ?? "null");
}

function keep(field, sent = false) {
  if (field.value === field.defaultValue && !sent) {
    localStorage.removeItem(address(field));
    return;
  }
  localStorage.setItem(address(field), JSON.stringify({ text: field.value, key: keyField(field)?.value ?? "", sent }));
}

function fields(root) {
  return [...root.querySelectorAll("[data-draft]")];
}

function forget(form) {
  fields(form).forEach((field) => localStorage.removeItem(address(field)));
  if (!form.isConnected || !form.matches("[data-resets]")) return;
  form.reset();
  const key = form.elements.namedItem("submission_key");
  if (key) key.value = newKey();
}

function offerBack(field) {
  const note = document.createElement("div");
  const drop = document.createElement("button");
  note.className = "mu-draft";
  note.textContent = "Your unsent text is back. ";
  drop.type = "button";
  drop.textContent = "Discard it";
  drop.addEventListener("click", () => {
    field.value = field.defaultValue;
    localStorage.removeItem(address(field));
    note.remove();
    field.focus();
  });
  note.append(drop);
  field.after(note);
}

function restore(field) {
  const draft = read(field);
  if (!draft || field.dataset.draftSeen) return;
  field.dataset.draftSeen = "yes";
  if (draft.text === field.value) return;
  field.value = draft.text;
  const key = keyField(field);
  if (key && draft.key) key.value = draft.key;
  if (key && draft.sent) key.dataset.sent = draft.text;
  offerBack(field);
  field.dispatchEvent(new CustomEvent("draftRestored", { bubbles: true }));
}

// After a plain post that led to another page of ours, an empty field there means that the words were taken.
function settlePosted() {
  const posted = JSON.parse(sessionStorage.getItem("muster:posted") ?? "[]");
  sessionStorage.removeItem("muster:posted");
  const [visit] = performance.getEntriesByType("navigation");
  const followed = visit?.type === "navigate" && document.referrer.startsWith(location.origin);
  if (!followed || !person || document.querySelector("[data-not-done]")) return;
  posted.forEach((name) => localStorage.removeItem(name));
}

document.addEventListener("input", (event) => {
  const field = event.target;
  const isFile = field.type === "file";
  if (!isFile && !field.matches("[data-draft]")) return;
  const key = keyField(field);
  if (key?.dataset.sent !== undefined && (isFile || key.dataset.sent !== field.value)) {
    key.value = newKey();
    delete key.dataset.sent;
  }
  if (!isFile) keep(field);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest("form");
  if (!form || event.detail.requestConfig.verb === "get") return;
  fields(form).forEach((field) => {
    const key = keyField(field);
    if (key) key.dataset.sent = field.value;
    keep(field, true);
  });
});

// A yes is a swap of 2xx, or being sent on to another page; a refusal (422) and the sign-in page are none.
function saidYes({ successful, xhr }) {
  return successful || (xhr.status === 200 && ["HX-Redirect", "HX-Location"].some((name) => xhr.getResponseHeader(name)));
}

document.addEventListener("htmx:afterRequest", (event) => {
  // The answer may have put another form in the place of the one that was sent: `elt` is then no longer it.
  const form = event.detail.requestConfig.elt.closest("form");
  if (form && event.detail.requestConfig.verb !== "get" && saidYes(event.detail)) forget(form);
});
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return; // htmx sends it
  const sent = fields(event.target);
  sent.forEach((field) => keep(field, true));
  if (sent.length) sessionStorage.setItem("muster:posted", JSON.stringify(sent.map(address)));
});

settlePosted();
fields(document).forEach(restore);
document.addEventListener("htmx:load", (event) => fields(event.target).forEach(restore));
