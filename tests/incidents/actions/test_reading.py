"""Pins, how far a reader has read, hints sent away."""

from datetime import datetime, timedelta

import pytest

from accounts.actor import MUSTER, Actor
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.actions.reading import note_look, pin_entry, send_hint_away, unpin_entry
from incidents.actions.status import close_as_no_incident
from incidents.actions.timeline import add_entry
from incidents.models import Incident, LastLook, Pin, SentAway
from incidents.queries.room import room
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.incidents import make_entries
from tests.incidents.actions.conftest import texts


def test_a_pin_stands_for_everybody_until_it_is_taken_down(incident: Incident, ana: Actor, now: datetime) -> None:
    entry = add_entry(incident, by=ana, now=now, text="Order **12** is lost")
    before = texts(incident)
    for _ in range(2):
        pin_entry(incident, by=ana, now=now, number=entry.number)

    shown = room(incident.reference, UserFactory(), now).pins
    assert [(pin.number, pin.who, pin.text) for pin in shown] == [(entry.number, "ana", "Order **12** is lost")]
    assert Pin.objects.count() == 1
    assert unpin_entry(incident, by=ana, now=now + timedelta(minutes=1), number=entry.number) is True
    assert unpin_entry(incident, by=ana, now=now + timedelta(minutes=1), number=entry.number) is False
    assert (room(incident.reference, UserFactory(), now).pins, texts(incident)) == ([], before)
    assert Pin.objects.get().taken_down_by == ana.user


def test_an_eleventh_pin_a_missing_entry_and_a_closed_record_are_refused(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    incident.refresh_from_db()
    first = make_entries(incident, 11)[0].number
    for number in range(first, first + 10):
        pin_entry(incident, by=ana, now=now, number=number)
    with pytest.raises(InvalidInput, match="10 entries are pinned already"):
        pin_entry(incident, by=ana, now=now, number=first + 10)
    with pytest.raises(InvalidInput, match="There is no entry 999 here"):
        pin_entry(incident, by=ana, now=now, number=999)
    close_as_no_incident(incident, by=ana, now=now)
    with pytest.raises(WrongState):
        pin_entry(incident, by=ana, now=now, number=first + 10)
    assert Pin.objects.count() == 10


def test_a_look_only_goes_forward_and_never_past_what_there_is(incident: Incident, ana: Actor, now: datetime) -> None:
    incident.refresh_from_db()
    make_entries(incident, 5)
    later = now + timedelta(minutes=1)
    for moment, number in ((now, 4), (later, 2), (later, 99_999)):
        note_look(incident, by=ana, now=moment, number=number)
        look = LastLook.objects.get()
        seen = (look.number, look.at)
        assert seen == ({4: (4, now), 2: (4, later)}.get(number) or (incident.last_entry, later))


def test_whoever_may_not_read_keeps_nothing(incident: Incident, ana: Actor, now: datetime) -> None:
    incident.audience = AudienceFactory(members=[ana.user])
    incident.save()
    for by in (Actor(UserFactory()), MUSTER):
        with pytest.raises(NotAllowed):
            note_look(incident, by=by, now=now, number=1)
        with pytest.raises(NotAllowed):
            send_hint_away(incident, by=by, now=now, hint="nobody_commands")
    assert (LastLook.objects.count(), SentAway.objects.count()) == (0, 0)


def test_a_hint_is_sent_away_for_one_reader_and_one_incident(incident: Incident, ana: Actor, now: datetime) -> None:
    for _ in range(2):
        send_hint_away(incident, by=ana, now=now, hint="nobody_commands")

    assert room(incident.reference, ana.user, now).sent_away == {"nobody_commands"}
    assert room(incident.reference, UserFactory(), now).sent_away == frozenset()
    with pytest.raises(InvalidInput):
        send_hint_away(incident, by=ana, now=now, hint="x" * 41)


def test_news_are_what_others_wrote_since_the_reader_looked(incident: Incident, ana: Actor, now: datetime) -> None:
    other = Actor(UserFactory(handle="jo"))
    assert room(incident.reference, ana.user, now).news is None
    note_look(incident, by=ana, now=now, number=99)
    assert room(incident.reference, ana.user, now).news is None
    incident.refresh_from_db()
    seen = incident.last_entry

    add_entry(incident, by=ana, now=now, text="my own")
    assert room(incident.reference, ana.user, now).news is None
    for text in ("one", "two"):
        add_entry(incident, by=other, now=now, text=text)
    add_entry(incident, by=other, now=now, text="Status: identified", kind="status")

    news = room(incident.reference, ana.user, now).news
    assert news is not None
    assert (news.number, news.since, news.count, news.words) == (
        seen,
        now,
        3,
        "status identified, 2 notes",
    )
