"""The record is only ever added to."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import ProgrammingError, transaction

from accounts.actor import Actor
from core.errors import InvalidInput
from incidents.actions.timeline import add_entry
from incidents.models import Incident, TimelineEntry
from tests.crowd import at_once
from tests.factories.accounts import ActorFactory
from tests.factories.incidents import IncidentFactory


def test_both_times_are_kept(incident: Incident, ana: Actor, now: datetime) -> None:
    entry = add_entry(incident, by=ana, now=now, text="it began", happened_at=now - timedelta(minutes=8))

    entry.refresh_from_db()
    assert (entry.happened_at, entry.recorded_at) == (now - timedelta(minutes=8), now)
    assert entry.is_dated_back


def test_the_future_is_refused(incident: Incident, ana: Actor, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="has not come yet"):
        add_entry(incident, by=ana, now=now, text="soon", happened_at=now + timedelta(seconds=1))


def test_an_entry_is_neither_changed_nor_removed(incident: Incident) -> None:
    entry = incident.entries.first()

    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        TimelineEntry.objects.filter(pk=entry.pk).update(text="something else")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        entry.delete()


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_once_get_two_numbers(now: datetime) -> None:
    incident = IncidentFactory()

    def write(by: Actor) -> None:
        for number in range(5):
            add_entry(incident, by=by, now=now, text=f"{by} {number}")

    at_once(*(partial(write, by) for by in ActorFactory.create_batch(2)))

    assert sorted(incident.entries.values_list("number", flat=True)) == list(range(1, 11))
    incident.refresh_from_db()
    assert incident.last_entry == 10


def test_lines_of_a_browsers_form_end_as_all_others_do(incident: Incident, ana: Actor, now: datetime) -> None:
    entry = add_entry(incident, by=ana, now=now, text="three\r\nfour\r\n")

    assert entry.text == "three\nfour"
