"""A person's browsers: switched on by a button, shown, and woken by a worker that anybody may fetch."""

import secrets
from typing import Any

import pytest

from comms.enums import Transport
from comms.models import ContactPoint
from comms.transports.push import public_key
from comms.views.browser import browser_name
from tests.comms.transports.browser import Browser, unb64
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory

pytestmark = pytest.mark.django_db
CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
ENDPOINT = "https://push.example.org/send/1"


@pytest.fixture
def ana(client: Any) -> Any:
    ana = UserFactory()
    client.force_login(ana)
    return ana


def fields(**changes: str) -> dict[str, str]:
    browser = Browser()
    return {"endpoint": ENDPOINT, "p256dh": browser.p256dh, "auth": browser.auth, **changes}


def test_the_button_keeps_the_browser_as_verified_and_says_so(client, ana):
    sent = fields()

    answer = client.post("/me/browsers/add/", sent, headers={"user-agent": CHROME}, follow=True)

    (point,) = ContactPoint.objects.filter(user=ana)
    assert (point.transport, point.address, point.label) == (Transport.PUSH, ENDPOINT, "Chrome on Android")
    assert point.secret == f"{sent['p256dh']}.{sent['auth']}"
    assert point.verified_at is not None
    assert "Chrome on Android rings you from now on." in answer.content.decode()


def test_the_same_browser_again_renews_its_keys_and_is_switched_on(client, ana):
    ContactPointFactory(
        user=ana, transport=Transport.PUSH, address=ENDPOINT, secret="old.old", is_enabled=False, label="my phone"
    )
    sent = fields()

    client.post("/me/browsers/add/", sent)

    (point,) = ContactPoint.objects.filter(user=ana)
    assert (point.secret, point.is_enabled, point.label) == (f"{sent['p256dh']}.{sent['auth']}", True, "my phone")


def test_a_browser_of_two_people_rings_both(client, ana):
    other = ContactPointFactory(transport=Transport.PUSH, address=ENDPOINT, secret="kept.kept")

    client.post("/me/browsers/add/", fields())

    other.refresh_from_db()
    assert other.secret == "kept.kept"
    assert {point.user for point in ContactPoint.objects.filter(address=ENDPOINT)} == {ana, other.user}


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "no address"},
        {"endpoint": "ftp://a.example/"},
        {"p256dh": "short"},
        {"auth": ""},
        {"auth": "?" * 22},
    ],
)
def test_what_is_no_browser_is_refused_and_keeps_nothing(client, ana, wrong):
    answer = client.post("/me/browsers/add/", fields(**wrong), follow=True)

    assert "alert-danger" in answer.content.decode()
    assert not ContactPoint.objects.exists()


def test_the_page_shows_mine_alone_and_our_key(client, ana, settings):
    settings.PUSH_KEY = secrets.token_urlsafe(32)
    ContactPointFactory(user=ana, transport=Transport.PUSH, address=ENDPOINT, label="my phone")
    ContactPointFactory(transport=Transport.PUSH, address=ENDPOINT, label="somebody's")
    ContactPointFactory(
        user=ana, transport=Transport.PUSH, address=f"{ENDPOINT}2", label="the old one", is_enabled=False
    )

    page = client.get("/me/browsers/").content.decode()

    assert [name in page for name in ("my phone", "somebody's", "the old one")] == [True, False, False]
    assert f'data-push-key="{public_key()}"' in page
    assert len(unb64(public_key())) == 65


def test_without_a_key_the_page_says_which_setting_is_missing(client, ana, settings):
    settings.PUSH_KEY = ""

    page = client.get("/me/browsers/").content.decode()

    assert "MUSTER_PUSH_KEY is not set" in page
    assert "Ring this browser" not in page


def test_the_worker_is_a_script_for_anybody_and_is_asked_for_anew(client, db):
    answer = client.get("/push-worker.js")

    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "text/javascript",
        "no-cache",
    )
    assert b'addEventListener("push"' in answer.content


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8", "A browser"),
    ],
)
def test_a_browser_has_the_name_that_its_person_would_give_it(agent, name):
    assert browser_name(agent) == name
