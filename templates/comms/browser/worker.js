// Wakes when Muster pushes: shows what it says, and answers a page by one press on the notification. Keeps nothing.
const ANSWERS = [
  { action: "on_it", title: "I’m on it" },
  { action: "cannot", title: "I cannot" },
];
const UNREAD = { title: "Muster has something to say", body: "This message could not be read. Open Muster.", link: "/" };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  let said = UNREAD;
  try {
    said = event.data.json();
  } catch {
    // A push must always be shown: a browser takes the right to push away from who is silent.
  }
  event.waitUntil(show(said));
});

self.addEventListener("notificationclick", (event) => {
  const said = event.notification.data;
  event.notification.close();
  event.waitUntil(event.action ? answer(said, event.action) : open(said.link));
});

function show(said) {
  return self.registration.showNotification(said.title, {
    body: said.body,
    tag: said.tag,
    renotify: Boolean(said.tag),
    requireInteraction: Boolean(said.urgent),
    icon: "/static/favicon.svg",
    actions: said.answers ? ANSWERS : [],
    data: said,
  });
}

// The link of a page is its person's own signed one: it needs no sign-in, so none is sent.
async function answer(said, action) {
  const sent = { method: "POST", body: new URLSearchParams({ answer: action }), credentials: "omit" };
  const reply = await fetch(said.link, sent).catch(() => null);
  if (!reply?.ok) return open(said.link); // what went wrong is told there, and nothing was answered
  const title = action === "on_it" ? "You have it" : "The next person is told";
  return show({ ...said, title, body: said.title, answers: false, urgent: false });
}

async function open(link) {
  for (const page of await self.clients.matchAll({ type: "window" })) {
    if (page.url === new URL(link, self.location).href) return page.focus();
  }
  return self.clients.openWindow(link);
}
