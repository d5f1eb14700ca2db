"""Who would be told, before anybody declares and on each policy."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from comms.models import Message
from escalation.models import Page
from escalation.plan import PolicySnapshot
from escalation.queries.policy import snapshot_of
from incidents.actions.declare import declare_incident
from incidents.models import Incident
from incidents.queries.declaration import declaration
from incidents.queries.dry_run import dry_run_of_level, wants_of
from tests.escalation.story import by
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, MessageFactory, ReachableUserFactory
from tests.factories.escalation import ServiceFactory, make_policy
from tests.factories.incidents import make_ladder

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ana(client: Client) -> User:
    """Signed in, in Berlin, and the one whom the ladder rings."""
    user = ReachableUserFactory(handle="ana", name="Ana", time_zone="Europe/Berlin")
    make_ladder(user)
    client.force_login(user)
    return user


def read(client: Client, address: str, **asked: str) -> str:
    """The page's words in one line."""
    return " ".join(client.get(address, asked).content.decode().split())


@time_machine.travel(NOW, tick=False)
def test_before_declaring_it_says_who_would_be_told_by_what_and_rings_nobody(client: Client, ana: User) -> None:
    shown = read(client, reverse("incidents:declare-preview"), level="SEV2")

    assert "SEV2 rings" in shown
    assert '<strong>Email</strong> to <strong>Ana</strong> <span class="mu-dim">@ana</span>' in shown
    assert (Incident.objects.count(), Page.objects.count(), Message.objects.count()) == (0, 0, 0)


@time_machine.travel(NOW, tick=False)
def test_the_policy_of_the_service_is_asked_and_a_moment_is_read_in_the_readers_zone(
    client: Client, ana: User
) -> None:
    jens = ReachableUserFactory(handle="jens", name="Jens")
    ServiceFactory(slug="search", policy=make_policy(jens, name="Search people"))

    asked = {"level": "SEV2", "service": "search", "at": "2026-04-19T03:00"}
    shown = read(client, reverse("incidents:declare-preview"), **asked)

    assert "<strong>Jens</strong>" in shown
    assert "<strong>Ana</strong>" not in shown
    assert 'datetime="2026-04-19T01:00:00+00:00"' in shown
    assert "Search people" in shown


@time_machine.travel(NOW, tick=False)
def test_htmx_gets_the_lines_alone_for_what_is_chosen_in_the_form(client: Client, ana: User) -> None:
    answer = client.get(
        reverse("incidents:declare-preview"), {"level": "SEV1", "service": ""}, headers={"HX-Request": "true"}
    )

    shown = answer.content.decode()
    assert ("<html" in shown, 'id="who-told"' in shown, "SEV1 rings" in shown) == (False, True, True)
    assert reverse("incidents:declare-preview") in client.get(reverse("incidents:incident-declare")).content.decode()


@time_machine.travel(NOW, tick=False)
def test_a_policy_is_read_by_everybody_at_any_level_and_moment(client: Client) -> None:
    jens, eva = ReachableUserFactory(handle="jens", name="Jens"), UserFactory(handle="eva", name="Eva")
    make_ladder(jens)
    policy = make_policy(jens, eva, slug="search", name="Search people", wait_seconds=300)
    client.force_login(UserFactory(viewer=True))
    address = reverse("incidents:policy-detail", args=["search"])

    now, later = read(client, address), read(client, address, level="SEV1", at="2026-12-24T20:00")

    assert "@eva cannot be reached." in now
    assert "any level, from <time" in now
    assert 'datetime="2026-12-24T20:05:00+00:00"' in later
    assert "Change this policy" not in now
    assert f'href="{address}"' in read(client, reverse("incidents:policy-list"))
    assert str(policy) in now


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"level": "SEV9"}, "There is no such level; choose one of these."),
        ({"at": "yesterday"}, "Write the day and the time like 2026-04-18 14:15."),
        ({"service": "nothing"}, "There is no such service; choose another, or none."),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(
    client: Client, ana: User, asked: dict[str, str], sentence: str
) -> None:
    assert sentence in read(client, reverse("incidents:declare-preview"), **asked)


@time_machine.travel(NOW, tick=False)
def test_without_a_ladder_the_page_still_stands(client: Client) -> None:
    client.force_login(UserFactory())

    assert client.get(reverse("incidents:declare-preview")).status_code == 200


@time_machine.travel(NOW, tick=False)
def test_a_policy_takes_as_many_queries_for_three_people_as_for_one(client: Client, ana: User) -> None:
    make_policy(ReachableUserFactory(), slug="one")
    make_policy(*[ReachableUserFactory() for _ in range(3)], slug="three")
    client.get(reverse("incidents:policy-detail", args=["one"]))

    counts = []
    for slug in ("one", "three"):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("incidents:policy-detail", args=[slug]))
        counts.append(len(queries))

    assert counts[0] == counts[1] < 25


@time_machine.travel(NOW, tick=False)
def test_what_is_foretold_at_a_level_is_what_a_declaration_then_does(ana: User) -> None:
    offer = declaration()
    assert offer is not None
    for card in offer.cards:
        foretold = dry_run_of_level(card.level, None, NOW)
        incident = declare_incident(by=by(ana), now=NOW, level=card.level, summary="Something")
        pages = Page.objects.about(incident.subject_key)

        assert [group.group for group in foretold] == [page.group for page in pages]
        for group, page in zip(foretold, pages, strict=True):
            assert group.policy is not None
            wants = wants_of(card.level, answers_needed=page.answers_needed)
            assert snapshot_of(group.policy, wants) == PolicySnapshot.from_json(page.snapshot)
            first = [(line.at, line.user) for line in group.run.lines if line.transport and line.at == NOW]
            sent = Message.objects.filter(kind="page", dedup_key__startswith=page.message_key)
            assert first == [(message.deliver_after, message.user) for message in sent]


@time_machine.travel(NOW, tick=False)
def test_a_repeat_that_the_throttles_hold_says_why_and_when_it_leaves(client: Client, ana: User) -> None:
    jens = UserFactory(handle="jens", name="Jens")
    for seconds in (0, 30):
        point = ContactPointFactory(user=jens, address=f"after-{seconds}@example.org")
        ContactRuleFactory(contact_point=point, after_seconds=seconds)
    late = jens.contact_points.get(rules__after_seconds=30)
    MessageFactory(sent=True, user=jens, contact_point=late, sent_at=NOW)
    make_policy(jens, slug="search")

    shown = read(client, reverse("incidents:policy-detail", args=["search"]))

    assert 'Held: at most 1 in 1 min to one address. It leaves at <time datetime="2026-04-18T12:24:00' in shown
