// A press beside a command copies it; where the browser lets nobody write to the clipboard, the command is selected.
const SAID_MS = 2000;

function select(text) {
  const range = document.createRange();
  range.selectNodeContents(text);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const text = button && document.getElementById(button.dataset.copy);
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
  } catch {
    select(text);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, SAID_MS);
});
