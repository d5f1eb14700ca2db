// “Ring this browser”: asks for the permission, subscribes to pushes, and lets the form tell Muster where to push.
const form = document.querySelector("form[data-push-key]");
const said = document.querySelector("[data-push-said]");

function say(sentence) {
  if (said) said.textContent = sentence;
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function base64url(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function same(left, right) {
  return left && base64url(left) === base64url(right);
}

// A browser that was bound to an older key of Muster's would never ring again: it is bound anew.
async function subscription(worker, key) {
  const kept = await worker.pushManager.getSubscription();
  if (kept && same(kept.options.applicationServerKey, key)) return kept;
  if (kept) await kept.unsubscribe();
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function ring(event) {
  if (form.elements.endpoint.value) return; // this submit is our own, with everything filled in
  event.preventDefault();
  say("Waiting for your permission …");
  if ((await Notification.requestPermission()) !== "granted") {
    say("This browser does not let Muster notify you. Allow notifications for this address, then press again.");
    return;
  }
  try {
    const worker = await navigator.serviceWorker.ready;
    const found = await subscription(worker, bytes(form.dataset.pushKey));
    form.elements.endpoint.value = found.endpoint;
    form.elements.p256dh.value = base64url(found.getKey("p256dh"));
    form.elements.auth.value = base64url(found.getKey("auth"));
  } catch (error) {
    say(`This browser could not be switched on: ${error.message}`);
    return;
  }
  form.requestSubmit();
}

async function begin() {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    say("This browser cannot be rung. On an iPhone, put Muster on the home screen first and open it from there.");
    return;
  }
  form.addEventListener("submit", ring);
  form.hidden = false;
  say("Pages arrive here even when no page of Muster is open.");
  await navigator.serviceWorker.register(form.dataset.pushWorker);
}

if (form) begin().catch((error) => say(`This browser cannot be rung: ${error.message}`));
