"""The fragments of entries: what was only glimpsed is fetched once, and looks as if it had been read whole."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from incidents.actions.correction import correct_entry
from incidents.queries.timeline import glimpse, window
from incidents.views.entry import fragments
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory, make_entries

pytestmark = pytest.mark.django_db


def test_what_is_glimpsed_is_fetched_in_one_query_the_first_time_and_never_again():
    incident = IncidentFactory()
    make_entries(incident, 60, people=[UserFactory()])
    with CaptureQueriesContext(connection) as first:
        shown = fragments(glimpse(incident).entries)
    at = NOW + timedelta(days=1)
    TimelineEntryFactory(incident=incident, text="One more", happened_at=at, recorded_at=at)
    with CaptureQueriesContext(connection) as then:
        fragments(glimpse(incident).entries)
    with CaptureQueriesContext(connection) as again:
        newest = fragments(glimpse(incident).entries)

    assert (len(first), len(then), len(again)) == (2, 2, 1)
    assert "One more" in newest[0]
    assert newest[1:] == shown[:-1]
    assert newest == fragments(window(incident).entries)
    assert glimpse(incident).older_than == window(incident).older_than


def test_an_entry_that_was_corrected_meanwhile_is_rendered_anew():
    ana = UserFactory()
    incident = IncidentFactory()
    entry = TimelineEntryFactory(incident=incident, author=ana, text="At noon")
    (before,) = fragments(glimpse(incident).entries)
    correct_entry(incident, by=Actor(ana), now=NOW, number=entry.number, line="At one")

    assert before not in fragments(glimpse(incident).entries)
