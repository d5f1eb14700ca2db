// Shows every <time data-shape> in the reader's zone; the server wrote it in the organisation's.
const zone = document.documentElement.dataset.zone;
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const SHAPES = {
  clock: CLOCK,
  "clock-zone": { ...CLOCK, timeZoneName: "short" },
  seconds: { ...CLOCK, second: "2-digit", timeZoneName: "short" },
  weekday: { weekday: "short", ...CLOCK, timeZoneName: "short" },
};
const formats = new Map();
// A language knows the short names of its own zones alone, and says GMT-8 where the server, and its readers, say PST.
const NAMING = ["en-GB", "en-US", "en-AU", "en-NZ", "en-ZA", "en-IN", "ja-JP"];

function format(key, language, shape) {
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language, { ...shape, timeZone: zone }));
  return formats.get(key);
}

function nameOfZone(language, moment) {
  const parts = format(language, language, { timeZoneName: "short" }).formatToParts(moment);
  return parts.find(({ type }) => type === "timeZoneName").value;
}
const naming = zone && NAMING.find((language) => !/^(GMT|UTC)[+-]/.test(nameOfZone(language, new Date())));

function show(shape, moment) {
  const parts = format(shape, "en-GB", SHAPES[shape]).formatToParts(moment);
  return parts.map(({ type, value }) => (type === "timeZoneName" && naming ? nameOfZone(naming, moment) : value)).join("");
}

function day(moment) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone: zone }).format(moment); // 2026-04-18
}

function whole(moment) {
  return `${day(moment)} ${show("clock-zone", moment)}`;
}

function shift(element) {
  const moment = new Date(element.dateTime);
  if (element.dataset.shown === element.dateTime || Number.isNaN(moment.getTime())) return;
  const { shape } = element.dataset;
  element.textContent = SHAPES[shape] ? show(shape, moment).replace(",", "") : whole(moment);
  const written = element.title;
  element.title = written && written !== whole(moment) ? `${whole(moment)} (${written})` : whole(moment);
  element.dataset.shown = element.dateTime;
}

function shiftAll(root) {
  root.querySelectorAll("time[data-shape]").forEach(shift);
}

if (zone) {
  shiftAll(document);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.matches("time[data-shape]")) shift(node);
        shiftAll(node);
      }
    }
  }).observe(document.body, { childList: true, subtree: true });
}
