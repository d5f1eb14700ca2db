// Counts down to data-due and up from data-since, by the server's clock. Turns the tone of the nearest [data-tone]:
// `soon` in the last data-soon seconds (300), `late` after. data-before and data-after are words put in front.
const OFFSET = "muster:clock-offset";
const LONGEST_READING_MS = 5000;

function offset() {
  const [visit] = performance.getEntriesByType("navigation");
  const kept = sessionStorage.getItem(OFFSET);
  // A page taken from the browser's history carries an old moment: the offset of the last fresh page holds.
  if (visit?.type === "back_forward" && kept !== null) return Number(kept);
  // How long the answer took to be read. Not longer than this: a clock that was set counts as reading time here.
  const reading = Math.min(performance.now() - (visit?.responseStart ?? 0), LONGEST_READING_MS);
  const receivedAt = Date.now() - reading;
  const found = Date.parse(document.documentElement.dataset.now) - receivedAt;
  sessionStorage.setItem(OFFSET, String(found || 0));
  return found || 0;
}

const ahead = offset();

// The same words as core.moments.show_left: 4:20, 1:04:20, 2 d 3 h.
function words(seconds) {
  const days = Math.floor(seconds / 86400);
  if (days >= 2) return `${days} d ${Math.floor((seconds % 86400) / 3600)} h`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = String(Math.floor(seconds % 60)).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function countDown(element, now) {
  const left = Math.trunc((Date.parse(element.dataset.due) - now) / 1000);
  const { before = "", after = "−", soon = "300" } = element.dataset;
  write(element, left < 0 ? after + words(-left) : before + words(left));
  const toned = element.closest("[data-tone]");
  if (!toned) return;
  toned.classList.toggle("late", left < 0);
  toned.classList.toggle("soon", left >= 0 && left <= Number(soon));
}

function tick() {
  const now = Date.now() + ahead;
  document.querySelectorAll("[data-due]").forEach((element) => countDown(element, now));
  document.querySelectorAll("[data-since]").forEach((element) => {
    write(element, words(Math.max(0, (now - Date.parse(element.dataset.since)) / 1000)));
  });
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:load", tick);
