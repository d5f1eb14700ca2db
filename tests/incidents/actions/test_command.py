"""Who commands when nobody does, and when whoever does is asked to hand over."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from accounts.models import User
from comms.enums import MessageKind
from comms.models import Message
from escalation.actions.page import acknowledge_page
from escalation.enums import PageStatus
from escalation.models import Page
from escalation.queries.oncall import on_call_board
from incidents.actions import command
from incidents.actions.command import sweep_command
from incidents.actions.declare import declare_incident
from incidents.actions.role import BACKUP, assign_role
from incidents.actions.severity import change_level, settle_due_changes
from incidents.actions.status import resolve_incident
from incidents.actions.vacancy import leave_role
from incidents.models import Incident, LadderVersion, Level
from incidents.owed import owed
from incidents.queries.owed import facts_of_one
from tests.factories.accounts import ActorFactory
from tests.factories.escalation import make_schedule
from tests.factories.incidents import LevelFactory, level_of
from tests.incidents.actions.conftest import texts

MINUTE = timedelta(minutes=1)


@pytest.fixture
def backed(ladder: LadderVersion) -> Level:
    """A level whose backup commands after two minutes."""
    return LevelFactory(version=ladder, name="SEV0", rank=0, acknowledge_within="2 min", commander_backup="managers")


@pytest.fixture
def incident(backed: Level, ana: Actor, now: datetime) -> Incident:
    """Declared now, with nobody to ring and nobody in command."""
    return declare_incident(by=ana, now=now, level=backed, summary="All is down")


def rows(incident: Incident, now: datetime) -> list[tuple[str, str, str]]:
    """What is owed: what, detail, tone."""
    return [(row.what, row.detail, row.tone) for row in owed(facts_of_one(incident), now)]


def nudges(user: User) -> list[str]:
    return list(Message.objects.filter(kind=MessageKind.NUDGE, user=user).values_list("body", flat=True))


def test_the_backup_is_rung_when_nobody_commands_in_time_and_does_once_they_answer(
    incident: Incident, jens: User, now: datetime
) -> None:
    make_schedule(jens, slug="managers", name="Managers")

    assert sweep_command(now=now + timedelta(seconds=119)) == 0
    assert Page.objects.count() == 0
    assert sweep_command(now=now + 2 * MINUTE) == 1

    page = Page.objects.get()
    assert [attempt.user for attempt in page.attempts.all()] == [jens]
    assert page.body == "Nobody commanded within 2 min. You are the backup: you command once you answer."
    incident.refresh_from_db()
    assert (incident.commander, incident.commander_wake_at) == (None, None)
    what = "the backup, @jens, on call in Managers, is rung and commands once they answer"
    assert f"**Nobody commanded within 2 min:** {what}" in texts(incident)
    detail = f"nobody did within 2 min: {what}"
    assert ("Nobody commands yet", detail, "late") in rows(incident, now + 2 * MINUTE)

    acknowledge_page(page, by=ActorFactory(user=jens), now=now + 3 * MINUTE)

    incident.refresh_from_db()
    assert incident.commander == jens
    assert texts(incident)[-1] == "@jens is commander, the backup"
    assert Message.objects.get(user=jens, kind=MessageKind.NOTICE).body.startswith("You command this incident.")
    assert rows(incident, now + 3 * MINUTE) == []


def test_a_backup_who_is_rung_is_so_no_longer_once_somebody_takes_command(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    make_schedule(jens, slug="managers")
    sweep_command(now=now + 2 * MINUTE)
    assign_role(incident, by=ana, now=now + 3 * MINUTE, role="commander", user=ana.user)

    sweep_command(now=now + 3 * MINUTE)

    page = Page.objects.get()
    assert (page.status, page.stop_reason) == (PageStatus.STOPPED, "@ana commands")


def test_nobody_on_call_there_rings_who_is_in_it_which_is_written_down_once_and_stays_red(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    for seconds in (120, 121, 200):
        sweep_command(now=now + timedelta(seconds=seconds))

    trouble = (
        "there is no backup: there is no schedule called “managers”. "
        "Instead @ana, who is in it, is rung, and whoever answers first commands"
    )
    assert texts(incident).count(f"**Nobody commanded within 2 min:** {trouble}") == 1
    page = Page.objects.get()
    assert ([attempt.user for attempt in page.attempts.all()], page.makes_commander) == ([ana.user], True)
    assert rows(incident, now + 3 * MINUTE) == [
        ("Nobody commands yet", f"nobody did within 2 min: {trouble}", "late"),
        ("Acknowledge: backup commander", "", "soon"),
    ]


def test_whoever_commands_in_time_keeps_it(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    make_schedule(jens, slug="managers")
    assign_role(incident, by=ana, now=now + MINUTE, role="commander", user=ana.user)

    sweep_command(now=now + 2 * MINUTE)

    incident.refresh_from_db()
    assert (incident.commander, incident.commander_wake_at) == (ana.user, None)


def test_a_red_row_goes_when_somebody_commands(incident: Incident, ana: Actor, now: datetime) -> None:
    sweep_command(now=now + 2 * MINUTE)
    assign_role(incident, by=ana, now=now + 3 * MINUTE, role="commander", user=ana.user)
    sweep_command(now=now + 3 * MINUTE)
    leave_role(incident, by=ana, now=now + 4 * MINUTE, role="commander", user=ana.user)

    assert rows(incident, now + 5 * MINUTE) == [("Nobody commands yet", "", "late")]


def test_an_incident_that_is_over_gets_no_backup(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    make_schedule(jens, slug="managers")
    resolve_incident(incident, by=ana, now=now)

    sweep_command(now=now + 2 * MINUTE)

    assert Page.objects.count() == 0


def test_a_raise_to_a_level_with_a_backup_counts_from_the_raise(
    ladder: LadderVersion, backed: Level, ana: Actor, jens: User, now: datetime
) -> None:
    make_schedule(jens, slug="managers")
    level = level_of(ladder, "SEV3")
    incident = declare_incident(by=ana, now=now, level=level, summary="Slow")
    change_level(incident, by=ana, now=now + 10 * MINUTE, level=backed)
    raised_at = now + 10 * MINUTE + timedelta(seconds=10)
    settle_due_changes(now=raised_at)

    sweep_command(now=raised_at + MINUTE)
    assert not Page.objects.filter(group=BACKUP).exists()
    sweep_command(now=raised_at + 2 * MINUTE)
    assert Page.objects.get(group=BACKUP).attempts.get().user == jens


def test_after_four_hours_of_command_whoever_has_it_is_asked_once(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    for minutes in range(0, 300, 20):
        sweep_command(now=now + minutes * MINUTE)

    assert nudges(ana.user) == [
        "Hand over command: @ana has commanded for 4 h. In the room, press Hand over and name somebody; "
        "they get a brief."
    ]
    assert texts(incident)[-1] == "Asked @ana to hand over command: @ana has commanded for 4 h"
    assert rows(incident, now + 239 * MINUTE) == []
    assert rows(incident, now + 240 * MINUTE) == [("Hand over command: @ana has commanded for 4 h", "", "soon")]


def test_twenty_minutes_before_the_end_of_their_shift_too(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    assert ana.user is not None
    schedule = make_schedule(jens, ana.user, slug="primary")
    end = next(row.until for row in on_call_board(now) if row.schedule == schedule)
    assert end is not None
    began = end - timedelta(hours=1)
    assign_role(incident, by=ana, now=began, role="commander", user=ana.user)

    sweep_command(now=began)
    sweep_command(now=end - 21 * MINUTE)
    assert nudges(ana.user) == []
    sweep_command(now=end - 20 * MINUTE)

    assert len(nudges(ana.user)) == 1
    assert rows(incident, end - 21 * MINUTE) == []
    assert rows(incident, end - 20 * MINUTE) == [("Hand over command: the shift of @ana ends", "", "")]
    assert rows(incident, end) == [("Hand over command: the shift of @ana ends", "", "late")]


def test_a_backup_that_breaks_half_way_leaves_nothing_and_is_tried_again(
    incident: Incident, jens: User, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_schedule(jens, slug="managers")

    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(command, "announce_change", fail)
        assert sweep_command(now=now + 2 * MINUTE) == 0
    assert Page.objects.count() == 0

    assert sweep_command(now=now + 2 * MINUTE) == 1
    assert Page.objects.get().attempts.get().user == jens
    caplog.clear()
