"""The rules of safety for three in the morning, played from declared incidents (each number is a rule of the house).

What else holds: 4 in tests/escalation/test_maintenance_story.py, 5 in tests/comms, 8 in tests/escalation/views.
"""

from datetime import timedelta

import pytest

from accounts.actor import MUSTER, Actor
from accounts.enums import Via
from accounts.models import User
from comms.models import Message
from escalation.actions.page import acknowledge_page, advance_due_pages, decline_page
from escalation.enums import AttemptOutcome, PageStatus
from escalation.models import Page, PageAttempt, Policy
from incidents.actions.declare import declare_incident
from incidents.actions.paging import page_people
from incidents.actions.severity import change_level, settle_due_changes
from incidents.actions.timeline import add_entry
from incidents.enums import RoleKind
from incidents.models import Incident, LadderVersion, Level, Promise
from tests.factories import NOW
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, ReachableUserFactory
from tests.factories.escalation import make_policy
from tests.factories.incidents import LadderVersionFactory, LevelFactory, LevelPageFactory, RoleDefinitionFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Night:
    """A ladder of two levels that page platform and founders at once, each with a policy of its own."""

    def __init__(self) -> None:
        self.jens, self.mira, self.founder = (ReachableUserFactory(handle=name) for name in ("jens", "mira", "fin"))
        make_policy(self.jens, self.mira, slug="platform")
        make_policy(self.founder, slug="founders")
        self.version: LadderVersion = LadderVersionFactory()
        RoleDefinitionFactory(version=self.version, slug="commander", kind=RoleKind.COMMANDER, holds_several=False)
        self.sev1, self.sev2 = self.level("SEV1", 1, "platform", "founders"), self.level("SEV2", 2, "platform")

    def level(self, name: str, rank: int, *policies: str) -> Level:
        """A level that wants an answer in five minutes, rings until it has one and asks after half an hour."""
        how = {"acknowledge_within": "5 min", "rings_until_answered": True, "silent_after": "30 min"}
        level: Level = LevelFactory(version=self.version, name=name, rank=rank, **how)
        for slug in policies:
            LevelPageFactory(level=level, group=slug, policy_from="named", policy=slug, makes_commander=True)
        return level

    def declare(self, level: Level, summary: str = "Nothing answers") -> Incident:
        """Declared by Muster itself, at NOW."""
        return declare_incident(by=MUSTER, now=NOW, level=level, summary=summary)


@pytest.fixture
def night() -> Night:
    return Night()


def by(user: User) -> Actor:
    """By the signed link."""
    return Actor(user, Via.LINK)


def page_of(incident: Incident, group: str) -> Page:
    """The newest page of this group."""
    return Page.objects.filter(subject_key=incident.subject_key, group=group).latest("started_at", "pk")


def rung(incident: Incident) -> list[tuple[int, str]]:
    """(minutes after NOW, handle) of every ring about it."""
    rows = PageAttempt.objects.filter(page__subject_key=incident.subject_key, outcome=AttemptOutcome.RUNG)
    return [((row.at - NOW) // MINUTE, row.user.handle) for row in rows.select_related("user").order_by("at", "pk")]


def sweep(*minutes: int) -> None:
    """What the worker does at these minutes after NOW."""
    for minute in minutes:
        advance_due_pages(now=NOW + minute * MINUTE)


def test_1_a_founders_tap_never_silences_the_platform_team(night: Night) -> None:
    incident = night.declare(night.sev1)

    acknowledge_page(page_of(incident, "founders"), by=by(night.founder), now=NOW + MINUTE)
    sweep(5)

    assert page_of(incident, "platform").status == PageStatus.RINGING
    assert rung(incident) == [(0, "jens"), (0, "fin"), (5, "mira")]


def test_2_in_thirty_minutes_is_thanked_and_tells_the_next_person_and_cannot_tells_them_now(night: Night) -> None:
    late, cannot = night.declare(night.sev2), night.declare(night.sev2, "Another")

    acknowledge_page(page_of(late, "platform"), by=by(night.jens), now=NOW + MINUTE, arrives_at=NOW + 31 * MINUTE)
    decline_page(page_of(cannot, "platform"), by=by(night.jens), now=NOW + 2 * MINUTE)

    assert rung(late) == [(0, "jens"), (1, "mira")]
    assert rung(cannot) == [(0, "jens"), (2, "mira")]


def test_3_a_raise_a_page_by_hand_and_another_incident_ring_whoever_answered_before(night: Night) -> None:
    incident = night.declare(night.sev2)
    acknowledge_page(page_of(incident, "platform"), by=by(night.jens), now=NOW + MINUTE)

    change_level(incident, by=by(night.mira), now=NOW + 2 * MINUTE, level=night.sev1)
    settle_due_changes(now=NOW + 3 * MINUTE)
    page_people(incident, by=by(night.mira), now=NOW + 4 * MINUTE, people=[night.jens])
    other = night.declare(night.sev2, "Another")

    assert rung(incident) == [(0, "jens"), (3, "jens"), (3, "fin"), (4, "jens")]
    assert rung(other) == [(0, "jens")]


def test_3_the_same_page_rings_nobody_twice_who_answered_it(night: Night) -> None:
    Policy.objects.filter(slug="platform").update(answers_needed=2, repeats=1)
    incident = night.declare(night.sev2)

    acknowledge_page(page_of(incident, "platform"), by=by(night.jens), now=NOW + MINUTE)
    sweep(5, 10, 15)

    assert rung(incident) == [(0, "jens"), (5, "mira"), (10, "mira")]


def test_6_an_exhausted_chain_starts_again_on_all_channels_until_somebody_answers_and_is_red(night: Night) -> None:
    call = ContactPointFactory(user=night.jens, transport="voice", address="+4930123456")
    ContactRuleFactory(contact_point=call, after_seconds=600)
    ContactRuleFactory(contact_point=night.jens.contact_points.get(transport="email"))
    incident = night.declare(night.sev2)
    sweep(5, 10, 15)

    assert rung(incident) == [(0, "jens"), (5, "mira"), (15, "jens")]
    assert page_of(incident, "platform").status == PageStatus.EXHAUSTED
    waits = Message.objects.filter(user=night.jens, kind="page").order_by("created_at", "deliver_after", "pk")
    delays = [(row.transport, (row.deliver_after - row.created_at) // MINUTE) for row in waits]
    assert delays == [("email", 0), ("voice", 10), ("email", 0), ("voice", 0)]
    promise = Promise.objects.get(kind="answer")
    assert (promise.incident, promise.broken_at, promise.kept_at) == (incident, NOW + 10 * MINUTE, None)

    acknowledge_page(page_of(incident, "platform"), by=by(night.mira), now=NOW + 16 * MINUTE)
    sweep(20, 25)

    assert len(rung(incident)) == 3
    promise.refresh_from_db()
    assert promise.kept_at == NOW + 16 * MINUTE


def test_7_whoever_becomes_commander_is_told_so_where_they_are_reached(night: Night) -> None:
    incident = night.declare(night.sev2)

    acknowledge_page(page_of(incident, "platform"), by=by(night.jens), now=NOW + MINUTE)

    incident.refresh_from_db()
    assert incident.commander == night.jens
    said = Message.objects.filter(user=night.jens).exclude(kind="page").values_list("body", flat=True)
    assert any("You command" in body for body in said), list(said)


def test_11_a_silent_commander_is_asked_first_and_nobody_is_rung_anew_while_a_responder_acts(night: Night) -> None:
    incident = night.declare(night.sev2)
    acknowledge_page(page_of(incident, "platform"), by=by(night.jens), now=NOW)

    add_entry(incident, by=by(night.mira), now=NOW + 20 * MINUTE, text="The lag is going down")
    sweep(30, 45)
    assert rung(incident) == [(0, "jens")]
    assert Message.objects.filter(kind="nudge", user=night.jens, dedup_key__startswith="nudge:").count() == 0
    sweep(50)
    assert Message.objects.filter(kind="nudge", user=night.jens, dedup_key__startswith="nudge:").count() == 1
    assert rung(incident) == [(0, "jens")]
    sweep(65)

    assert rung(incident) == [(0, "jens"), (65, "jens")]
    last = incident.entries.filter(facts__event="lapsed").get()
    assert last.text.startswith("**@jens answered platform and nothing was heard since:**")
