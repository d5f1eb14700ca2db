"""Pages in the browser: mine, one with its story, and the buttons."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertRedirects

from accounts.models import User
from escalation.enums import AnswerKind, PageStatus
from escalation.models import Page
from tests.escalation.story import start
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana() -> User:
    return ReachableUserFactory(handle="ana")


@pytest.fixture
def jens() -> User:
    return ReachableUserFactory(handle="jens")


@pytest.fixture
def page(ana: User, jens: User) -> Page:
    """Rings ana, then jens; it began just now."""
    return start(policy=make_policy(ana, jens), now=timezone.now())


@pytest.fixture
def signed_in(client: Client, ana: User) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def test_my_pages_show_what_rings_me_with_its_buttons_and_nothing_of_others(signed_in: Client, page: Page) -> None:
    start(people=[UserFactory()], subject="[SEV1] Somebody else's", now=timezone.now())

    shown = signed_in.get(reverse("escalation:page-list")).content.decode()

    assert "You are being rung: platform primary" in shown
    assert f'action="{reverse("escalation:page-acknowledge", args=[page.ref])}"' in shown
    assert [label in shown for label in ("I’m on it", "In 5 min", "In 15 min", "In 30 min", "I cannot")] == [True] * 5
    assert "Somebody else" not in shown


def test_my_pages_take_as_many_queries_for_three_pages_as_for_one(
    signed_in: Client, ana: User, jens: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    start(policy=make_policy(ana, jens), now=timezone.now())
    signed_in.get(reverse("escalation:page-list"))
    with CaptureQueriesContext(connection) as first:
        signed_in.get(reverse("escalation:page-list"))
    for _ in range(2):
        start(policy=make_policy(ana, jens), now=timezone.now())

    with django_assert_num_queries(len(first.captured_queries)):
        signed_in.get(reverse("escalation:page-list"))


def test_the_page_says_who_was_told_why_and_by_what(signed_in: Client, page: Page) -> None:
    shown = signed_in.get(page.get_absolute_url()).content.decode()

    for words in (
        "@ana</strong> rung",
        "named in the step",
        "Email ana@example.org: due",
        "Next @jens",
    ):
        assert words in shown
    assert 'name="step" value="0-0-1"' in shown


def test_htmx_gets_only_the_part_that_it_asks_for(signed_in: Client, page: Page) -> None:
    part = signed_in.get(page.get_absolute_url(), headers={**HTMX, "HX-Target": "page-story"}).content.decode()

    assert part.strip().startswith('<section id="page-story"')
    assert "page-status" not in part


@pytest.mark.parametrize(("pressed", "minutes"), [("", None), ("on_it", None), ("5", 5)])
def test_a_press_answers_and_goes_back_to_where_it_was(
    signed_in: Client, page: Page, ana: User, pressed: str, minutes: int | None
) -> None:
    address = reverse("escalation:page-acknowledge", args=[page.ref])
    before = timezone.now()

    response = signed_in.post(address, {"answer": pressed, "next": reverse("escalation:page-list")})

    assertRedirects(response, reverse("escalation:page-list"), fetch_redirect_response=False)
    answer = page.answers.get()
    assert (answer.user, answer.kind, answer.via) == (ana, AnswerKind.ACKNOWLEDGED, "web")
    if minutes is None:
        assert answer.arrives_at is None
    else:
        assert answer.arrives_at == answer.at + timedelta(minutes=minutes)
        assert answer.at >= before


@pytest.mark.parametrize(
    ("door", "answer", "echo"),
    [
        ("page-acknowledge", "on_it", r"You are on it\."),
        ("page-acknowledge", "5", r"You are there by \d\d:\d\d C\w+\. It goes on looking for somebody else\."),
        ("page-acknowledge", "cannot", r"Thank you\. Whoever is next is told now\."),
        ("page-decline", "", r"Thank you\. Whoever is next is told now\."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["browser", "htmx"])
def test_a_press_is_echoed_in_the_clock_of_whoever_pressed(
    client: Client, door: str, answer: str, echo: str, headers: dict[str, str]
) -> None:
    ana = ReachableUserFactory(handle="ana", time_zone="Europe/Berlin")
    page = start(policy=make_policy(ana, ReachableUserFactory(), wait_seconds=60), now=timezone.now())
    client.force_login(ana)

    said = client.post(
        reverse(f"escalation:{door}", args=[page.ref]), {"answer": answer}, follow=True, headers=headers
    )

    assert re.search(rf">\s*{echo}\s*<", said.content.decode())


@pytest.mark.parametrize(
    "elsewhere", ["nowhere", "a:b", "-1", "https://evil.example/", "//evil.example", "javascript:alert(1)", ""]
)
def test_a_next_that_is_not_ours_leads_to_the_page(signed_in: Client, page: Page, elsewhere: str) -> None:
    response = signed_in.post(reverse("escalation:page-acknowledge", args=[page.ref]), {"next": elsewhere})

    assertRedirects(response, page.get_absolute_url(), fetch_redirect_response=False)


def test_cannot_rings_the_next_person_now(signed_in: Client, page: Page, jens: User) -> None:
    signed_in.post(reverse("escalation:page-decline", args=[page.ref]))

    assert page.answers.get().kind == AnswerKind.DECLINED
    assert page.attempts.filter(user=jens, outcome="rung").count() == 1


def test_the_cannot_button_of_the_answer_form_declines_too(signed_in: Client, page: Page) -> None:
    signed_in.post(reverse("escalation:page-acknowledge", args=[page.ref]), {"answer": "cannot"})

    assert page.answers.get().kind == AnswerKind.DECLINED


def test_ring_next_twice_with_the_same_button_rings_one_step(signed_in: Client, page: Page) -> None:
    for _ in range(2):
        signed_in.post(reverse("escalation:page-ring-next", args=[page.ref]), {"step": "0-0-1"})

    assert page.attempts.filter(outcome="rung").count() == 2


def test_htmx_hears_that_the_page_changed(signed_in: Client, page: Page) -> None:
    response = signed_in.post(reverse("escalation:page-acknowledge", args=[page.ref]), headers=HTMX)

    assert (response.status_code, response["HX-Trigger"], response["HX-Reswap"]) == (
        200,
        '{"pageChanged": true}',
        "none",
    )
    page.refresh_from_db()
    assert page.status == PageStatus.ACKNOWLEDGED


def test_a_refusal_is_a_sentence_and_changes_nothing(client: Client, page: Page) -> None:
    client.force_login(UserFactory(viewer=True))

    response = client.post(reverse("escalation:page-decline", args=[page.ref]), headers=HTMX)
    nonsense = client.post(reverse("escalation:page-acknowledge", args=[page.ref]), {"answer": "7"}, headers=HTMX)

    assert "This page has not rung you, so there is nothing to turn down." in response.content.decode()
    assert "Press one of the buttons" in nonsense.content.decode()
    assert page.answers.count() == 0


def test_a_private_page_is_not_there_for_an_outsider(client: Client) -> None:
    insider = ReachableUserFactory()
    page = start(people=[insider], audience=AudienceFactory(members=[insider]), now=timezone.now())
    client.force_login(UserFactory())

    for name in ("page-acknowledge", "page-decline", "page-ring-next"):
        assert client.post(reverse(f"escalation:{name}", args=[page.ref])).status_code == 404
    assert client.get(page.get_absolute_url()).status_code == 404
    client.force_login(insider)
    assert client.get(page.get_absolute_url()).status_code == 200


def test_everything_but_the_signed_link_asks_for_sign_in(client: Client, page: Page) -> None:
    for address in (reverse("escalation:page-list"), page.get_absolute_url(), reverse("escalation:schedule-list")):
        assert client.get(address)["Location"].startswith(reverse("account_login"))
