"""At the very top everybody is told, once, and never rung."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from comms.enums import MessageKind, Urgency
from comms.models import Message
from incidents.actions.declare import declare_incident
from incidents.actions.severity import change_level, settle_due_changes
from incidents.models import LadderVersion, Level
from incidents.queries.policy import versions
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.incidents import LevelFactory, level_of

LATER = timedelta(seconds=10)


@pytest.fixture
def top(ladder: LadderVersion) -> Level:
    """Everybody is told."""
    return LevelFactory(version=ladder, name="SEV0", rank=0, tells_everyone=True)


def told() -> list[str]:
    rows = Message.objects.filter(dedup_key__startswith="everyone:", urgency=Urgency.NORMAL, kind=MessageKind.NOTICE)
    return sorted(rows.values_list("user__handle", flat=True))


def test_everybody_but_the_declarer_and_those_who_left_hears_of_it(top: Level, ana: Actor, now: datetime) -> None:
    UserFactory(handle="gone", is_active=False)

    incident = declare_incident(by=ana, now=now, level=top, summary="All is down")

    assert told() == ["jens", "mira"]
    assert Message.objects.filter(kind=MessageKind.PAGE).count() == 0
    body = f"{incident.reference} is SEV0: everybody is told. You are not asked to do anything."
    assert set(Message.objects.filter(dedup_key__startswith="everyone:").values_list("body", flat=True)) == {body}


def test_raised_to_it_tells_them_too_and_a_second_time_nobody(
    ladder: LadderVersion, top: Level, ana: Actor, now: datetime
) -> None:
    below = level_of(ladder, "SEV2")
    incident = declare_incident(by=ana, now=now, level=below, summary="Slow")
    assert told() == []

    for round_ in range(2):
        at = now + timedelta(minutes=round_)
        change_level(incident, by=ana, now=at, level=top)
        settle_due_changes(now=at + LATER)
        change_level(incident, by=ana, now=at + 2 * LATER, level=below, reason="less bad")
        incident.refresh_from_db()

    assert told() == ["ana", "jens", "mira"]


def test_a_private_incident_tells_nobody(top: Level, ana: Actor, now: datetime) -> None:
    declare_incident(by=ana, now=now, level=top, summary="A breach", is_private=True)

    assert told() == []


def test_a_hundred_people_take_no_statement_more_than_ten(top: Level, ana: Actor, jens: User, now: datetime) -> None:
    counts = []
    versions({top.version_id})  # as the door has read it
    for people in (10, 90):
        ReachableUserFactory.create_batch(people)
        level = Level.objects.get(pk=top.pk)
        with CaptureQueriesContext(connection) as statements:
            declare_incident(by=ana, now=now, level=level, summary="All is down")
        counts.append(len(statements))

    assert counts[0] == counts[1]
    assert len(told()) == 12 + 102
