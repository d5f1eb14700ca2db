// How far this reader has read, told when they leave; a click on an entry's time opens it in place; a pasted block is
// shown as what it becomes before anything is written.
const room = document.getElementById("room");
const since = document.getElementById("since");
const DATED = /^[-*•]?\s*\[?~?(\d{4}-\d{2}-\d{2}[ T])?\d{1,2}:\d{2}/;

function newestSeen() {
  const numbers = [...document.querySelectorAll("#timeline li[data-number]")].map((row) => Number(row.dataset.number));
  return Math.max(Number(room.dataset.after), ...numbers);
}

function tellLook() {
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (!since || !token) return;
  const body = new URLSearchParams({ number: newestSeen() });
  const fresh = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1]; // signing in elsewhere changes it
  const headers = { "X-CSRFToken": fresh ?? token.value, "HX-Request": "true" };
  fetch(since.dataset.looked, { method: "POST", keepalive: true, headers, body }).catch(() => {});
}

window.addEventListener("pagehide", tellLook);
document.addEventListener("visibilitychange", () => { if (document.hidden) tellLook(); });
since?.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) since.hidden = true; });

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.when, a[href^='?entry=']");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const address = room.dataset.room + new URL(link.href).search;
  htmx.ajax("GET", address, { target: "#room-panel", swap: "outerHTML", source: document.body });
});

// A correction that comes in strikes what it corrects.
function strike() {
  document.querySelectorAll("#timeline li[data-corrects]").forEach((row) => {
    document.getElementById(`entry-${row.dataset.corrects}`)?.classList.add("is-corrected");
  });
}
const list = document.getElementById("timeline");
if (list) new MutationObserver(strike).observe(list, { childList: true });

document.getElementById("composer-line")?.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (text.split(/\r?\n/).filter((line) => DATED.test(line.trim())).length < 2) return;
  event.preventDefault();
  const field = event.currentTarget;
  const csrfmiddlewaretoken = field.form.querySelector("[name=csrfmiddlewaretoken]").value;
  htmx.ajax("POST", field.dataset.paste, { swap: "none", values: { lines: text, csrfmiddlewaretoken }, source: document.body });
});
