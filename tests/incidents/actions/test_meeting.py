"""The postmortem meeting is owed, scheduled, moved, and stands in a calendar."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from accounts.actor import Actor
from core.errors import InvalidInput, WrongState
from incidents.actions.declare import declare_incident
from incidents.actions.meeting import schedule_meeting
from incidents.actions.role import assign_role
from incidents.actions.status import close_as_no_incident, close_incident, fail_watch, resolve_incident
from incidents.enums import PromiseKind
from incidents.models import Incident, LadderVersion, Promise
from tests.factories.incidents import DutyFactory, LevelFactory
from tests.factories.ladder import PostmortemTemplateFactory
from tests.incidents.actions.conftest import texts


@pytest.fixture
def over(ladder: LadderVersion, ana: Actor, now: datetime) -> Incident:
    """Resolved now; a meeting is owed within five days, a day later at the earliest."""
    PostmortemTemplateFactory(
        version=ladder, meeting_after="24 h", meeting_length="45 min", meeting_roles=["scribe", "deputy"]
    )
    level = LevelFactory(version=ladder, name="P0", rank=0)
    DutyFactory(level=level, kind=PromiseKind.MEETING, within="120 h")
    incident = declare_incident(by=ana, now=now, level=level, summary="Everything is down")
    assign_role(incident, by=ana, now=now, role="scribe", user=ana.user)
    return resolve_incident(incident, by=ana, now=now)


def promises(incident: Incident) -> list[Promise]:
    return list(Promise.objects.filter(incident=incident, kind=PromiseKind.MEETING).order_by("pk"))


def test_it_is_owed_from_the_resolution_and_kept_when_it_is_scheduled(
    over: Incident, ana: Actor, now: datetime
) -> None:
    (owed,) = promises(over)
    assert (owed.due_at, owed.link) == (now + timedelta(hours=120), f"{over.get_absolute_url()}meeting/")

    schedule_meeting(over, by=ana, now=now, at=now + timedelta(hours=24))
    schedule_meeting(over, by=ana, now=now, at=now + timedelta(hours=24))
    close_incident(over, by=ana, now=now, reason="quiet")
    schedule_meeting(over, by=ana, now=now, at=now + timedelta(hours=48))

    owed.refresh_from_db()
    over.refresh_from_db()
    assert (owed.kept_at, over.meeting_at) == (now, now + timedelta(hours=48))
    assert [text for text in texts(over) if "meeting" in text] == [
        "Postmortem meeting scheduled for 2026-04-19 12:23 UTC",
        "Postmortem meeting moved to 2026-04-20 12:23 UTC",
    ]


def test_it_is_not_past_not_too_soon_and_not_of_what_goes_on_or_was_nothing(
    over: Incident, incident: Incident, ana: Actor, now: datetime
) -> None:
    with pytest.raises(InvalidInput, match="is past"):
        schedule_meeting(over, by=ana, now=now, at=now)
    with pytest.raises(InvalidInput, match="The meeting is not before 2026-04-19 12:23 UTC, says the policy"):
        schedule_meeting(over, by=ana, now=now, at=now + timedelta(hours=23))
    with pytest.raises(WrongState, match="is not over"):
        schedule_meeting(incident, by=ana, now=now, at=now + timedelta(days=2))
    close_as_no_incident(incident, by=ana, now=now)
    with pytest.raises(WrongState, match="has no postmortem"):
        schedule_meeting(incident, by=ana, now=now, at=now + timedelta(days=2))
    over.refresh_from_db()
    assert (over.meeting_at, promises(over)[0].kept_at) == (None, None)


def test_what_comes_back_owes_no_meeting(over: Incident, ana: Actor, now: datetime) -> None:
    fail_watch(over, by=ana, now=now, reason="again")

    assert promises(over)[0].withdrawn_reason == "it came back"


def test_the_page_schedules_it_and_gives_the_invitation(
    over: Incident, ana: Actor, now: datetime, client: Client, time_machine: object
) -> None:
    time_machine.move_to(now, tick=False)  # type: ignore[attr-defined]
    assert ana.user is not None
    client.force_login(ana.user)
    page = f"{over.get_absolute_url()}meeting/"
    assert client.get(f"{over.get_absolute_url()}meeting.ics").status_code == 404

    refused = client.post(page, {"at": "tomorrow"})
    done = client.post(page, {"at": "2026-04-20 10:00"})

    assert (refused.status_code, "is no moment" in refused.content.decode()) == (422, True)
    assert (done.status_code, done["Location"]) == (302, page)
    answer = client.get(f"{over.get_absolute_url()}meeting.ics")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert answer["Content-Disposition"] == f'attachment; filename="{over.reference}-meeting.ics"'
    assert str(event["SUMMARY"]) == "Postmortem: [P0] Everything is down"
    assert [event.decoded(name).isoformat() for name in ("DTSTART", "DTEND")] == [
        "2026-04-20T10:00:00+00:00",
        "2026-04-20T10:45:00+00:00",
    ]
    assert str(event["ATTENDEE"]) == f"MAILTO:{ana.user.email}"
