"""A correction keeps what it corrects."""

from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from core.errors import Conflict, InvalidInput, WrongState
from incidents.actions.composer import post_line
from incidents.actions.correction import correct_entry
from incidents.actions.status import close_as_no_incident
from incidents.actions.timeline import add_entry
from incidents.models import Incident, TimelineEntry
from incidents.queries.timeline import window
from incidents.views.entry import fragment
from tests.factories.accounts import ActorFactory


@pytest.fixture
def note(incident: Incident, ana: Actor, now: datetime) -> TimelineEntry:
    return add_entry(incident, by=ana, now=now, text="12 orders lost", happened_at=now - timedelta(minutes=3))


def test_the_original_stays_and_is_struck(incident: Incident, ana: Actor, now: datetime, note: TimelineEntry) -> None:
    shown = {entry.pk: fragment(entry) for entry in window(incident).entries}
    corrected = correct_entry(incident, by=ana, now=now, number=note.number, line="21 orders lost")

    note.refresh_from_db()
    assert (note.text, corrected.corrects, corrected.kind) == ("12 orders lost", note, "correction")
    assert (corrected.happened_at, corrected.recorded_at) == (note.happened_at, now)
    after = {entry.pk: fragment(entry) for entry in window(incident).entries}
    assert ["is-corrected" in html[note.pk] for html in (shown, after)] == [False, True]
    assert f'data-corrects="{note.number}"' in after[corrected.pk]
    assert "21 orders lost" in after[corrected.pk]


def test_a_time_in_front_puts_the_moment_right(
    incident: Incident, ana: Actor, now: datetime, note: TimelineEntry
) -> None:
    corrected = correct_entry(incident, by=ana, now=now, number=note.number, line="~12:10 12 orders lost")

    assert (corrected.happened_at, corrected.is_about, corrected.text) == (
        now.replace(hour=12, minute=10, second=0),
        True,
        "12 orders lost",
    )


def test_the_second_of_two_who_correct_the_same_is_told(
    incident: Incident, ana: Actor, now: datetime, note: TimelineEntry
) -> None:
    correct_entry(incident, by=ana, now=now, number=note.number, line="21 orders lost")
    count = incident.entries.count()

    with pytest.raises(Conflict, match="@ana corrected it at 12:23 UTC while you were writing: “21 orders lost”"):
        correct_entry(incident, by=ActorFactory(), now=now, number=note.number, line="22 orders lost")

    assert incident.entries.count() == count


def test_a_correction_is_corrected_in_its_turn(
    incident: Incident, ana: Actor, now: datetime, note: TimelineEntry
) -> None:
    first = correct_entry(incident, by=ana, now=now, number=note.number, line="21 orders lost")
    second = correct_entry(incident, by=ana, now=now, number=first.number, line="20 orders lost")

    assert second.corrects == first


def test_what_muster_wrote_the_same_again_and_a_closed_record_are_refused(
    incident: Incident, ana: Actor, now: datetime, note: TimelineEntry
) -> None:
    for number, line, says in (
        (1, "never declared", "Only notes are corrected"),
        (999, "x", "Only notes are corrected"),
        (note.number, "12 orders lost", "Nothing of it is different"),
        (note.number, "  ", "There is nothing written yet"),
    ):
        with pytest.raises(InvalidInput, match=says):
            correct_entry(incident, by=ana, now=now, number=number, line=line)
    close_as_no_incident(incident, by=ana, now=now)
    with pytest.raises(WrongState):
        correct_entry(incident, by=ana, now=now, number=note.number, line="21")


def test_about_a_time_is_kept_as_a_guess(incident: Incident, ana: Actor, now: datetime) -> None:
    posted = post_line(incident, by=ana, now=now, line="~12:15 it began")

    assert posted.entry is not None
    assert (posted.entry.is_about, posted.entry.text, posted.said) == (True, "it began", "Noted at about 12:15 UTC.")
    assert '#room-panel">~<time datetime="2026-04-18T12:15:00+00:00"' in fragment(posted.entry)
