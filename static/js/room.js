// Where the focus goes: to the composer on a desk, into a form that was opened, and back when it is closed.
const desk = window.matchMedia("(min-width: 48.01rem) and (hover: hover)");
let opener = "";

function firstField(panel) {
  return panel?.querySelector("textarea, input:not([type=hidden]), select") ?? null;
}

function isOpen(panel) {
  return panel && !panel.hidden;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-focus]");
  if (link) {
    const field = document.getElementById(link.dataset.focus);
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: "center" });
    field.focus();
  }
  const open = event.target.closest("a[hx-target='#room-panel']");
  if (open && open.id !== "room-panel-close") opener = open.id;
});

// A screenshot that is pasted while a form with a file is open goes into it.
document.addEventListener("paste", (event) => {
  const field = document.querySelector("#room-panel input[type=file]");
  const files = event.clipboardData?.files;
  if (!field || !files?.length || event.defaultPrevented) return;
  event.preventDefault();
  field.files = files;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const { target } = event.detail;
  if (target?.id !== "room-panel" && event.target.id !== "room-panel") return;
  const panel = document.getElementById("room-panel");
  if (isOpen(panel)) {
    panel.scrollIntoView({ block: "nearest" });
    firstField(panel)?.focus();
  } else {
    document.getElementById(opener)?.focus();
  }
});

// The frame says on every page who is being rung; for this incident the room has said so already, and better.
function hideDouble() {
  const here = document.getElementById("room").dataset.room;
  document.querySelectorAll("#rung section").forEach((section) => {
    section.hidden = [...section.querySelectorAll("a")].some((link) => link.pathname === here);
  });
}
document.addEventListener("htmx:oobAfterSwap", hideDouble);
hideDouble();

const panel = document.getElementById("room-panel");
if (isOpen(panel)) firstField(panel)?.focus();
else if (desk.matches && !location.hash) document.getElementById("composer-line")?.focus({ preventScroll: true });
