"""A push in real Chromium: the button subscribes nobody without a push service, but a push that Chromium itself
delivers wakes the worker, is shown, and answers the page by one press."""

import json
import secrets
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import CDPSession, Page, Worker, expect

from accounts.models import User
from comms.enums import Transport
from comms.models import ContactPoint, Message
from comms.transports.push import words
from escalation.enums import PageStatus
from tests.browser.conftest import Open
from tests.comms.transports.envelopes import envelope
from tests.escalation.story import start
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db(transaction=True)
OUR_KEY = secrets.token_urlsafe(32)
# Chromium drops a push for a worker that is still being activated, which `ready` does not wait for.
UNTIL_ACTIVATED = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  while (active.state !== "activated") await new Promise((go) => active.addEventListener("statechange", go));
}"""
# To ask again and again would be no wait: what is asked about while Chromium still puts it up, Chromium forgets.
KEEP_WATCH = """() => {
  const show = registration.showNotification.bind(registration);
  self.shown = new Promise((done) => {
    registration.showNotification = (...said) => show(...said).finally(done);
  });
}"""
UNTIL_ONE_IS_SHOWN = "() => self.shown.then(() => true)"


@pytest.fixture
def ana(transactional_db: None, settings: Any) -> User:
    settings.PUSH_KEY = OUR_KEY
    return ReachableUserFactory(handle="ana")


def awake(page: Page) -> tuple[Worker, CDPSession, str]:
    """The service worker of `page`, and what Chromium needs to push to it: a session and the registration's id."""
    cdp = page.context.new_cdp_session(page)
    registrations: list[dict[str, Any]] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda said: registrations.extend(said["registrations"]))
    cdp.send("ServiceWorker.enable")
    page.evaluate(UNTIL_ACTIVATED)
    ours = next(one for one in registrations if one["scopeURL"].endswith("/"))
    worker = page.context.service_workers[0]
    worker.evaluate(KEEP_WATCH)
    return worker, cdp, ours["registrationId"]


def shown(page: Page) -> list[list[Any]]:
    """What stands on the screen just now: title, words, and which answers can be pressed."""
    return list(
        page.evaluate(
            """async () => (await (await navigator.serviceWorker.ready).getNotifications())
              .map((said) => [said.title, said.body, said.actions.map((one) => one.action)])"""
        )
    )


def test_a_push_that_chromium_delivers_is_shown_and_answered_by_one_press(open_page: Open, ana: User):
    page = open_page("/me/browsers/", ana, permissions=["notifications"])
    worker, cdp, registration = awake(page)
    ring = start(policy=make_policy(ana, slug="primary"), now=timezone.now())
    message = Message.objects.get(user=ana)
    told = envelope("", subject=message.subject, body="You are rung.", link=message.link, facts=message.facts)
    said = words(told)
    pushed = {"origin": page.url.split("/me/")[0], "registrationId": registration, "data": json.dumps(said)}

    cdp.send("ServiceWorker.deliverPushMessage", pushed)

    worker.evaluate(UNTIL_ONE_IS_SHOWN)
    assert shown(page) == [[message.subject, "You are rung.", ["on_it", "cannot"]]]
    worker.evaluate("(said) => answer(said, 'on_it')", said)
    ring.refresh_from_db()
    assert (ring.status, ring.acknowledged_by) == (PageStatus.ACKNOWLEDGED, ana)
    assert shown(page) == [["You have it", message.subject, []]]


def test_a_push_that_cannot_be_read_is_shown_all_the_same(open_page: Open, ana: User):
    page = open_page("/me/browsers/", ana, permissions=["notifications"])
    worker, cdp, registration = awake(page)

    pushed = {"origin": page.url.split("/me/")[0], "registrationId": registration, "data": "no JSON"}
    cdp.send("ServiceWorker.deliverPushMessage", pushed)

    worker.evaluate(UNTIL_ONE_IS_SHOWN)
    assert [title for title, *_ in shown(page)] == ["Muster has something to say"]


def test_a_browser_without_a_push_service_says_so_and_nothing_is_kept(
    open_page: Open, ana: User, complaints: list[str]
):
    page = open_page("/me/browsers/", ana, permissions=["notifications"])

    page.get_by_role("button", name="Ring this browser").click()

    expect(page.locator("[data-push-said]")).to_contain_text("This browser could not be switched on:")
    assert [said[:48] for said in complaints] == ["Chrome currently does not support the Push API i"]  # in incognito
    complaints.clear()
    assert not ContactPoint.objects.filter(transport=Transport.PUSH).exists()


def test_without_javascript_the_page_says_what_is_missing(open_page: Open, ana: User):
    page = open_page("/me/browsers/", ana, java_script_enabled=False)

    expect(page.get_by_text("Ringing a browser needs JavaScript.")).to_be_visible()
    expect(page.get_by_role("button", name="Ring this browser")).to_be_hidden()
