// The frame's behaviour: a cut line and an expired sign-in are said aloud and lose no text; hidden pages do not poll.
const page = document.documentElement;
const signIn = page.dataset.signIn;
const zone = page.dataset.zone || undefined;
let silentSince = null;
let pressWasLost = false;

function cookie(name) {
  return document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function show(trouble, said = "") {
  document.querySelectorAll("[data-trouble]").forEach((bar) => { bar.hidden = bar.dataset.trouble !== trouble; });
  const sentence = document.querySelector("[data-trouble-said]");
  if (sentence) sentence.textContent = said;
}

function sayOffline(event) {
  const verb = event?.detail?.requestConfig?.verb;
  pressWasLost ||= Boolean(verb) && verb !== "get";
  silentSince ??= new Date();
  const clock = document.querySelector("[data-trouble-since]");
  const shape = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone, timeZoneName: "short" };
  if (clock) clock.textContent = silentSince.toLocaleTimeString("en-GB", shape);
  show("offline");
}

function isSignIn(xhr) {
  return Boolean(xhr.responseURL) && new URL(xhr.responseURL).pathname === signIn && location.pathname !== signIn;
}

// Signing in elsewhere changes the token: every post carries the one that is true now.
document.addEventListener("htmx:configRequest", (event) => {
  const token = cookie("csrftoken");
  if (!token || event.detail.verb === "get") return;
  event.detail.headers["X-CSRFToken"] = token;
  delete event.detail.parameters.csrfmiddlewaretoken;
});
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector("input[name=csrfmiddlewaretoken]");
  if (field) field.value = cookie("csrftoken") ?? field.value;
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  if (isSignIn(xhr)) {
    event.preventDefault(); // the sign-in page is not swapped into the middle of this one
    pressWasLost ||= event.detail.requestConfig.verb !== "get";
    show("signed-out");
  } else if (xhr.status < 400) {
    if (pressWasLost && event.detail.requestConfig.verb === "get") return; // that pages come again answers no press
    silentSince = null;
    pressWasLost = false;
    show("");
  }
});
document.addEventListener("htmx:sendError", sayOffline);
document.addEventListener("htmx:timeout", sayOffline);
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status === 422) return; // the answer itself is shown, and says why
  pressWasLost ||= event.detail.requestConfig.verb !== "get";
  if (status === 401) show("signed-out");
  else if (status === 403) show("refused", "You may not do this, or this page is too old: reload it.");
  else if (status === 404) show("refused", "It is not there any more, or not for you.");
  else if (status >= 502) sayOffline();
  else show("refused", `Muster answered with error ${status}.`);
});

// A refusal stands beside what is at fault: bring it into view, wherever the button was.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status !== 422) return;
  const sentence = event.target.querySelector?.("[role=alert]");
  const { top = 0, bottom = 0 } = sentence?.getBoundingClientRect() ?? {};
  if (sentence && (top < 60 || bottom > innerHeight)) sentence.scrollIntoView({ block: "center" });
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.matches("[hx-trigger*='every ']")) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.body.dispatchEvent(new CustomEvent("pageShown"));
});
window.addEventListener("offline", sayOffline);
window.addEventListener("online", () => document.body.dispatchEvent(new CustomEvent("pageShown")));

function closeMenus(except) {
  document.querySelectorAll(".mu-bar details[open]").forEach((menu) => {
    if (!menu.contains(except)) menu.open = false;
  });
}
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelector(".mu-bar details[open] summary")?.focus();
  closeMenus(null);
});
