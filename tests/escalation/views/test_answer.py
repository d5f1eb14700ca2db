"""The signed link answers without a sign-in; only pressing its button does."""

import sys
from datetime import timedelta
from types import ModuleType

import pytest
import time_machine
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from accounts.enums import Via
from accounts.models import User
from escalation.enums import AnswerKind, PageStatus
from escalation.links import BrokenLink, ExpiredLink, read_answer, sign_answer
from escalation.models import Page
from tests.escalation.story import MINUTE, start
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return ReachableUserFactory(handle="ana", viewer=True)


@pytest.fixture
def page(ana: User) -> Page:
    """Rings ana, then jens; it began at NOW."""
    return start(policy=make_policy(ana, ReachableUserFactory(handle="jens")))


@pytest.fixture
def address(page: Page, ana: User) -> str:
    return reverse("escalation:answer-link", args=[sign_answer(page, ana)])


@pytest.fixture
def strict(client: Client) -> Client:
    """A browser that checks CSRF, as a real one is checked."""
    client.handler.enforce_csrf_checks = True
    return client


@time_machine.travel(NOW + MINUTE, tick=False)
def test_its_times_are_those_of_whoever_the_link_is_for_as_in_the_message_that_brought_it(
    client: Client, page: Page
) -> None:
    mira = ReachableUserFactory(handle="mira", viewer=True, time_zone="Asia/Tokyo")

    shown = client.get(reverse("escalation:answer-link", args=[sign_answer(page, mira)])).content.decode()

    assert 'data-zone="Asia/Tokyo"' in shown
    assert "times are Asia/Tokyo" in shown


@time_machine.travel(NOW + MINUTE, tick=False)
@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_shows_buttons_and_changes_nothing(
    client: Client, page: Page, address: str, method: str
) -> None:
    response = getattr(client, method)(address)

    assert response.status_code == 200
    assert page.answers.count() == 0
    page.refresh_from_db()
    assert (page.status, page.wake_at) == (PageStatus.RINGING, NOW + 5 * MINUTE)
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]
    if method == "get":
        shown = response.content.decode()
        assert "You answer as @ana" in shown
        assert shown.count('name="answer"') == 5


@time_machine.travel(NOW + MINUTE, tick=False)
@pytest.mark.parametrize(
    ("pressed", "kind", "arrives_at"),
    [
        ("on_it", AnswerKind.ACKNOWLEDGED, None),
        ("5", AnswerKind.ACKNOWLEDGED, NOW + 6 * MINUTE),
        ("30", AnswerKind.ACKNOWLEDGED, NOW + 31 * MINUTE),
        ("cannot", AnswerKind.DECLINED, None),
    ],
)
def test_pressing_answers_as_the_person_of_the_link(
    strict: Client, page: Page, ana: User, address: str, pressed: str, kind: str, arrives_at: object
) -> None:
    response = strict.post(address, {"answer": pressed}, headers={"Origin": "null"})

    assert (response.status_code, response["Location"]) == (302, address)
    assert response["Referrer-Policy"] == "no-referrer"
    answer = page.answers.get()
    assert (answer.user, answer.kind, answer.via, answer.arrives_at) == (ana, kind, Via.LINK, arrives_at)
    shown = strict.get(address).content.decode()
    assert {"on_it": "@ana: on it", "cannot": "@ana: cannot come"}.get(pressed, "@ana: there at") in shown
    assert f'href="{page.link}"' in shown


def answered_here(request: HttpRequest, token: str) -> HttpResponse:
    """Stands for the app above that says what the person now owns."""
    return HttpResponse(f"{request.path} {token}")


hole_urls = ModuleType("hole_urls")
hole_urls.urlpatterns = [  # type: ignore[attr-defined]
    path("incidents/INC-1/answered/<str:token>/", answered_here),
    path("", include("config.urls")),
]
sys.modules["hole_urls"] = hole_urls


@time_machine.travel(NOW + MINUTE, tick=False)
def test_the_app_above_is_asked_how_things_stand_and_what_the_person_owns(
    client: Client, page: Page, ana: User, address: str, settings: LazySettings
) -> None:
    hole = f"/incidents/INC-1/answered/{sign_answer(page, ana)}/"
    settings.ROOT_URLCONF = "hole_urls"

    before = client.get(address).content.decode()
    client.post(address, {"answer": "on_it"})
    after = client.get(address).content.decode()

    for shown in (before, after):
        assert f'hx-get="{hole}"' in shown
        assert f'href="{hole}"' in shown  # without JavaScript it is a plain link
    # What they own comes first once they have answered; before that, the buttons do.
    assert before.index('name="answer"') < before.index(hole)
    assert after.index(hole) < after.index('name="answer"')


@time_machine.travel(NOW + MINUTE, tick=False)
def test_nonsense_is_refused_in_a_sentence(client: Client, page: Page, address: str) -> None:
    response = client.post(address, {"answer": "7"})

    assert response.status_code == 422
    assert "Press one of the buttons" in response.content.decode()
    assert page.answers.count() == 0


def test_the_link_ends_twenty_four_hours_after_the_page_began(client: Client, page: Page, address: str) -> None:
    with time_machine.travel(NOW + timedelta(hours=24) - timedelta(seconds=1), tick=False):
        assert client.get(address).status_code == 200
    with time_machine.travel(NOW + timedelta(hours=24), tick=False):
        assert client.get(address).status_code == 410
        response = client.post(address, {"answer": "on_it"})

    assert response.status_code == 410
    assert "ended 24 hours after the page began" in response.content.decode()
    assert page.answers.count() == 0


@time_machine.travel(NOW + MINUTE, tick=False)
def test_a_token_is_bound_to_its_page_and_its_person(client: Client, page: Page, ana: User) -> None:
    other = start(people=[ReachableUserFactory()])
    token = sign_answer(page, ana)
    signature = token.rpartition(".")[2]
    forged = [
        f"{other.ref}-{ana.pk}.{signature}",
        f"{page.ref}-{UserFactory().pk}.{signature}",
        token[:-1],
        "nonsense",
    ]

    for wrong in forged:
        response = client.post(reverse("escalation:answer-link", args=[wrong]), {"answer": "on_it"})
        assert response.status_code == 404
        assert "This link is not complete" in response.content.decode()
        with pytest.raises(BrokenLink):
            read_answer(wrong, NOW)
    assert (page.answers.count(), other.answers.count()) == (0, 0)
    assert read_answer(token, NOW) == (page, ana)


@time_machine.travel(NOW + MINUTE, tick=False)
def test_the_link_of_somebody_switched_off_has_ended(client: Client, page: Page, ana: User, address: str) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)

    assert client.post(address, {"answer": "on_it"}).status_code == 410
    with pytest.raises(ExpiredLink, match="switched off"):
        read_answer(sign_answer(page, ana), NOW)
    assert page.answers.count() == 0


@time_machine.travel(NOW + MINUTE, tick=False)
def test_the_link_of_a_stopped_page_says_so_and_has_no_buttons(client: Client, page: Page, address: str) -> None:
    Page.objects.filter(pk=page.pk).update(
        status=PageStatus.STOPPED, wake_at=None, stopped_at=NOW, stop_reason="resolved"
    )

    shown = client.get(address).content.decode()
    pressed = client.post(address, {"answer": "on_it"})

    assert "resolved" in shown
    assert 'name="answer"' not in shown
    assert pressed.status_code == 422
    assert "This page was stopped (resolved); nothing was changed." in pressed.content.decode()
