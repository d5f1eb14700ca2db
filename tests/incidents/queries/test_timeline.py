"""The timeline's window: newest first by when it happened, in pages that neither miss nor repeat."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.enums import EntryKind
from incidents.models import Incident
from incidents.queries.timeline import FILTERS, filter_of, newer, window
from tests.factories import NOW
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory, make_entries

pytestmark = pytest.mark.django_db


def numbers(entries) -> list[int]:
    return [entry.number for entry in entries]


def test_the_newest_come_first_by_when_they_happened_and_then_by_number():
    incident = IncidentFactory()
    for minutes in (0, 5, 5, -30):
        happened_at = NOW + timedelta(minutes=minutes)
        TimelineEntryFactory(incident=incident, happened_at=happened_at, recorded_at=NOW + timedelta(minutes=9))
    assert numbers(window(incident).entries) == [3, 2, 1, 4]


def test_pages_neither_miss_nor_repeat_entries_of_one_moment():
    incident = IncidentFactory()
    for _ in range(7):
        TimelineEntryFactory(incident=incident)
    seen, before = [], None
    while True:
        found = window(incident, before, size=3)
        seen += numbers(found.entries)
        before = found.older_than
        if before is None:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_exactly_one_window_has_nothing_older():
    incident = IncidentFactory()
    make_entries(incident, 50)
    assert (len(window(incident).entries), window(incident).older_than) == (50, None)
    TimelineEntryFactory(incident=incident, happened_at=NOW - timedelta(minutes=1), recorded_at=NOW)
    assert (numbers(window(incident).entries)[-1], window(incident).older_than) == (1, 1)


def test_it_shows_its_own_incident_alone():
    incident, other = IncidentFactory(), IncidentFactory()
    make_entries(other, 3)
    mine = TimelineEntryFactory(incident=incident)
    assert window(incident).entries == [mine]
    assert window(incident, before=99).entries == []


def test_newer_ones_come_in_the_order_in_which_they_were_written():
    incident = IncidentFactory()
    make_entries(incident, 4)
    TimelineEntryFactory(incident=incident, happened_at=NOW - timedelta(hours=1), recorded_at=NOW)
    assert numbers(newer(Incident.objects.get(pk=incident.pk), 2)) == [3, 4, 5]


def test_a_window_costs_the_same_with_three_and_with_three_hundred():
    incident = IncidentFactory()
    costs = []
    for count in (3, 297):
        make_entries(incident, count)
        with CaptureQueriesContext(connection) as queries:
            [(entry.author.handle, getattr(entry, "status_update", None)) for entry in window(incident).entries]
        costs.append(len(queries))
    assert costs == [1, 1]


def test_every_kind_has_exactly_one_filter_besides_all():
    assert set(FILTERS[""][1]) == set(EntryKind.values)
    for kind in EntryKind.values:
        assert [name for name, (_, kinds) in FILTERS.items() if name and kind in kinds] == [filter_of(kind)]
