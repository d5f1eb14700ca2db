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

function format(shape) {
  if (!formats.has(shape)) formats.set(shape, new Intl.DateTimeFormat("en-GB", { ...SHAPES[shape], timeZone: zone }));
  return formats.get(shape);
}

function day(moment) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone: zone }).format(moment); // 2026-04-18
}

function whole(moment) {
  return `${day(moment)} ${format("clock-zone").format(moment)}`;
}

function shift(element) {
  const moment = new Date(element.dateTime);
  if (element.dataset.shown === element.dateTime || Number.isNaN(moment.getTime())) return;
  const { shape } = element.dataset;
  element.textContent = SHAPES[shape] ? format(shape).format(moment).replace(",", "") : whole(moment);
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
