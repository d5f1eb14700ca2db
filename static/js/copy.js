// A press beside a command copies it; where the browser lets nobody write to the clipboard, the command is selected.
const SAID_MS = 2000;

function select(text) {
  const range = document.createRange();
  range.selectNodeContents(text);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

// The part of the page in which it stands may have been fetched anew meanwhile.
function say(button, word) {
  const shown = document.getElementById(button.id) ?? button;
  shown.textContent = word;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const text = button && document.getElementById(button.dataset.copy);
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text.textContent);
    say(button, "Copied");
  } catch {
    select(text);
    say(button, "Selected");
  }
  setTimeout(() => say(button, "Copy"), SAID_MS);
});
