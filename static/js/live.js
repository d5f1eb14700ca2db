// The room is live: new entries come in by a server-sent stream, changed parts are fetched anew. New rows never move
// what is under a finger: while the reader is further down, or is pointing at the list, they wait behind "3 new".
const room = document.getElementById("room");
const list = document.getElementById("timeline");
const fresh = document.getElementById("timeline-new");
const said = document.getElementById("timeline-said");
const notLive = document.getElementById("not-live");
const gone = document.getElementById("room-gone");
const SILENT_MS = 40_000;
const POINTING_MS = 1500; // a pointer that has rested for so long is not about to press
const zone = document.documentElement.dataset.zone || undefined;

let newest = Number(room.dataset.after);
let waiting = [];
let stream = null;
let heardAt = Date.now();
let isOver = false;
let pointing = false;
let movedAt = 0;
let wanted = false;
let fetching = false;
let pressing = 0;

// --- entries ----------------------------------------------------------------------------------------------------------
function parse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return [...holder.content.querySelectorAll("li[data-number]")];
}

function comesBefore(one, other) {
  const [a, b] = [Date.parse(one.dataset.at), Date.parse(other.dataset.at)];
  return a > b || (a === b && Number(one.dataset.number) > Number(other.dataset.number));
}

function isShown(entry) {
  const { only, by, words } = list.dataset;
  if (hasNewFiles(entry)) return true;
  if (by || words || only === "pinned") return false; // a search stands still
  return !document.getElementById(entry.id) && (!only || entry.dataset.shownBy === only);
}

// An older entry comes again when files were put beside it.
function hasNewFiles(entry) {
  const there = document.getElementById(entry.id);
  return there && there.querySelectorAll(".mu-file").length < entry.querySelectorAll(".mu-file").length;
}

function put(entry) {
  const there = document.getElementById(entry.id);
  if (there) {
    entry.className = there.className;
    there.replaceWith(entry);
    return;
  }
  const rows = [...list.querySelectorAll("li[data-number]")];
  const after = rows.find((row) => comesBefore(entry, row));
  if (!after && list.querySelector(".mu-older")) return; // dated back beyond the window: “Older” shows it
  if (after) after.before(entry);
  else if (rows.length) rows.at(-1).after(entry);
  else list.replaceChildren(entry);
  entry.classList.add("is-new");
  setTimeout(() => entry.classList.remove("is-new"), 4000);
}

function mayMove() {
  return !pointing && Date.now() - movedAt > POINTING_MS && list.getBoundingClientRect().top >= 0 && !document.hidden;
}

function showWaiting() {
  const count = waiting.length;
  waiting.splice(0).forEach(put);
  fresh.hidden = true;
  if (count) said.textContent = count === 1 ? "1 new entry" : `${count} new entries`;
}

function receive(html) {
  for (const entry of parse(html)) {
    newest = Math.max(newest, Number(entry.dataset.number));
    if (!isShown(entry)) continue;
    waiting = waiting.filter((other) => other.id !== entry.id);
    waiting.push(entry);
  }
  if (!waiting.length) return;
  if (mayMove()) {
    showWaiting();
  } else {
    fresh.textContent = `${waiting.length} new`;
    fresh.hidden = false;
  }
}

fresh.addEventListener("click", () => {
  showWaiting();
  list.scrollIntoView({ block: "nearest" });
});
document.addEventListener("pointerdown", () => { pointing = true; });
document.addEventListener("pointerup", () => setTimeout(() => { pointing = false; settle(); }, 300));
document.addEventListener("pointercancel", () => { pointing = false; settle(); });
list.addEventListener("pointermove", () => { movedAt = Date.now(); }, { passive: true });
list.addEventListener("pointerleave", () => { movedAt = 0; showIfStill(); });
document.addEventListener("scroll", showIfStill, { passive: true });

function showIfStill() {
  if (waiting.length && mayMove()) showWaiting();
}

// --- parts ------------------------------------------------------------------------------------------------------------
function settle() {
  if (wanted) fetchParts();
}

async function fetchParts() {
  wanted = true;
  if (pointing || pressing || fetching || isOver || document.hidden) return;
  wanted = false;
  fetching = true;
  try {
    await htmx.ajax("GET", `${room.dataset.room}?parts=all`, { target: "body", swap: "none", source: room });
  } catch {
    wanted = false; // the line is cut, which the frame says; the stream asks again when it is back
  } finally {
    fetching = false;
  }
  if (wanted) setTimeout(fetchParts, 300);
}

// An unfolded list stays unfolded, wherever its part is put in place.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  target.querySelectorAll("details[open][id]").forEach((open) => {
    const next = fragment.querySelector(`#${CSS.escape(open.id)}`);
    if (next) next.open = true;
  });
});

// Items of a folded phase are not in the page: each request says which phases are unfolded, and their items come with it.
document.addEventListener("htmx:configRequest", (event) => {
  const open = [...document.querySelectorAll(".mu-phase[open]")].map((phase) => phase.id.replace("phase-", ""));
  if (open.length) event.detail.headers["X-Phases"] = open.join(" ");
});

document.addEventListener("toggle", ({ target }) => {
  if (target.matches(".mu-phase[open]") && target.querySelector(".mu-later")) fetchParts();
}, true);

// A press brings fresh parts itself; until it has, none are put in the place of the button that was pressed. It must be
// seen even when the stream is cut: what was written since is asked for.
// Its end is heard from the request itself: another press's parts may have taken the place of its button meanwhile.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, xhr, requestConfig } = event.detail;
  if (requestConfig.verb === "get") return;
  pressing += 1;
  xhr.addEventListener("readystatechange", () => {
    if (xhr.readyState === XMLHttpRequest.DONE && !elt.isConnected) bringBack(elt, xhr);
  });
  xhr.addEventListener("loadend", () => {
    pressing -= 1;
    if (!elt.isConnected) wanted = true;
    if (xhr.status >= 200 && xhr.status < 400 && !isLive()) askForEntries().catch(() => {});
    setTimeout(settle, 50);
  });
});

// htmx puts parts in place only beside the element that asked: one that was replaced meanwhile stands by, unseen, until
// its answer is in place, so that no answer is lost.
function bringBack(elt, xhr) {
  const place = document.createElement("div");
  place.hidden = true;
  place.append(elt);
  room.append(place);
  xhr.addEventListener("loadend", () => {
    place.remove();
    wanted = true;
  });
}

// Several items are ticked at a time: the last answer shows them all. And a button that is replaced between the going
// down and the coming up of a finger would lose its press.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, xhr } = event.detail;
  const more = pressing > 1 && xhr.status < 400 && requestConfig.elt.matches("[data-together]");
  if (!more && !((pressing || pointing) && requestConfig.path.includes("?parts="))) return;
  event.detail.shouldSwap = false;
  wanted = true;
});
document.body.addEventListener("pageChanged", fetchParts);

async function askForEntries() {
  const answer = await fetch(`${room.dataset.entries}?after=${newest}`, { headers: { "HX-Request": "true" } });
  if (answer.status === 404) leave("You may no longer see this incident.");
  else if (answer.ok && !answer.redirected) receive(await answer.text());
}

// --- the stream -------------------------------------------------------------------------------------------------------
function isLive() {
  return stream?.readyState === EventSource.OPEN && Date.now() - heardAt < SILENT_MS;
}

function hear() {
  heardAt = Date.now();
  if (!notLive.hidden) notLive.hidden = true;
}

function connect() {
  stream?.close();
  stream = new EventSource(`${room.dataset.stream}?after=${newest}`);
  stream.addEventListener("beat", hear);
  stream.addEventListener("entry", (event) => { hear(); receive(event.data); });
  stream.addEventListener("changed", () => { hear(); setTimeout(fetchParts, Math.random() * 150); });
  stream.addEventListener("gone", (event) => leave(event.data));
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) askForEntries().catch(() => {}); // refused for good: why?
  });
}

function leave(sentence) {
  isOver = true;
  stream.close();
  gone.textContent = sentence;
  gone.hidden = false;
}

function watch() {
  if (isOver) return;
  if (stream.readyState === EventSource.CLOSED) connect();
  if (Date.now() - heardAt < SILENT_MS || !notLive.hidden) return;
  const since = new Date(heardAt);
  const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone, timeZoneName: "short" };
  const clock = notLive.querySelector("time");
  clock.dateTime = since.toISOString();
  clock.textContent = since.toLocaleTimeString("en-GB", shape);
  notLive.hidden = false;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  watch();
  settle();
  showIfStill();
});
window.addEventListener("online", connect);
window.addEventListener("pagehide", () => stream?.close());
window.addEventListener("pageshow", (event) => { if (event.persisted && !isOver) connect(); });
connect();
setInterval(watch, 5000);
setInterval(showIfStill, 500);
