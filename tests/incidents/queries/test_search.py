"""Search finds whole words and their beginnings in timelines, and nothing of what a reader may not know."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.models import Incident, TimelineEntry
from incidents.queries.search import with_words
from incidents.queries.timeline import Wanted, wanted, window
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory
from tests.factories.words import PinFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> Incident:
    made = IncidentFactory()
    for text in ("Rolled back detect_injection", "Spiking again, l'été 50% off", "Nothing"):
        TimelineEntryFactory(incident=made, text=text, author=UserFactory(handle=text.split()[0].lower()))
    return made


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("rolled", [1]),
        ("ROLL", [1]),
        ("detect_inj", [1]),
        ("spik again", [2]),
        ("spik rolled", []),
        ("été", [2]),
        ("it's", []),
        ("' & | ! ( :* <->", []),
        ("'; DROP TABLE", []),
        ("\\", []),
        ("", []),
    ],
)
def test_every_word_must_begin_some_word_of_the_entry(incident, words, numbers):
    found = with_words(TimelineEntry.objects.filter(incident=incident), words)

    assert sorted(found.values_list("number", flat=True)) == numbers


def test_the_index_answers(incident):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = with_words(TimelineEntry.objects.order_by(), "rolled").explain()

    assert "entry_words" in plan


def test_the_window_is_narrowed_by_person_words_and_pins(incident):
    first = incident.entries.get(number=1)
    PinFactory(entry=first)
    gone = PinFactory(entry=incident.entries.get(number=2))
    gone.taken_down_at, gone.taken_down_by = NOW, gone.pinned_by
    gone.save()

    asked = [wanted("", "@Nothing", ""), wanted("", "", "spik"), wanted("pinned", "", ""), wanted("nonsense", "", "")]

    assert [[entry.number for entry in window(incident, want=each).entries] for each in asked] == [
        [3],
        [2],
        [1],
        [3, 2, 1],
    ]
    assert asked[0].query == "by=nothing"
    assert Wanted("status", "", "a b").query == "only=status&q=a+b"


def test_the_list_finds_words_of_timelines_but_not_of_private_ones(client: Client, incident):
    hidden = IncidentFactory(private_to=[UserFactory()])
    TimelineEntryFactory(incident=hidden, text="Rolled back the secret")
    TimelineEntryFactory(incident=incident, text="Rolled on", happened_at=NOW + timedelta(minutes=1))
    client.force_login(UserFactory())

    answer = client.get(reverse("incidents:incident-list"), {"q": "rolled"})

    assert [(row, line.text) for row, line in answer.context["incidents"]] == [(incident, "Rolled on")]
    assert "secret" not in answer.content.decode()
