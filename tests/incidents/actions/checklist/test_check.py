"""Passed, failed, does not apply, open again: each with its person and moment, and nothing is forgotten."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.actor import MUSTER, Actor
from core.errors import Conflict, InvalidInput, NotAllowed, Refused, WrongState
from incidents.actions.checklist import check as check_actions
from incidents.actions.checklist.check import fail_check, set_not_applicable, tick_item, untick_item
from incidents.actions.declare import declare_incident
from incidents.actions.severity import change_level, settle_due_changes, take_back_change
from incidents.actions.status import (
    change_status,
    close_as_no_incident,
    close_incident,
    fail_watch,
    resolve_incident,
    stop_bleeding,
)
from incidents.actions.status_update import post_status_update
from incidents.enums import CheckOutcome, EntryKind, IncidentStatus, PromiseKind, WatchOrder
from incidents.models import Attachment, ChecklistItem, ChecklistMark, Incident
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.incidents import LevelFactory, PromiseFactory, level_of
from tests.factories.ladder import PhaseItemFactory
from tests.incidents.actions.checklist.conftest import CHECK, history, number_of, upload
from tests.incidents.actions.conftest import texts

STEP = "Check recent deployments"
FILED = "Errors are back"
NOTED = "Users are asked"
CLOSES = "Everyone is told"


def state(incident: Incident, text: str) -> ChecklistItem:
    """The item as it stands."""
    return incident.checklist.with_texts().get(number=number_of(incident, text))


def pass_all(incident: Incident, by: Actor, now: datetime) -> None:
    """Every check that holds back resolving."""
    tick_item(incident, by=by, now=now, number=number_of(incident, FILED), file=upload())
    tick_item(incident, by=by, now=now, number=number_of(incident, NOTED), note="ten of them, all well")


def test_a_tick_is_a_person_a_moment_and_a_line(incident, ana, now):
    later = now + timedelta(minutes=2)
    tick_item(incident, by=ana, now=later, number=number_of(incident, STEP))

    item = state(incident, STEP)
    assert (item.outcome, item.marked_at, item.marked_by) == (CheckOutcome.PASSED, later, ana.user)
    assert history(incident, STEP) == [(CheckOutcome.PASSED, "")]
    entry = incident.entries.order_by("number").last()
    assert (entry.kind, entry.text) == (EntryKind.CHECK, "✓ Check recent deployments · @ana")
    incident.refresh_from_db()
    assert incident.last_activity_at == later


def test_the_same_person_twice_changes_nothing_and_another_is_told(incident, ana, now):
    number = number_of(incident, STEP)
    tick_item(incident, by=ana, now=now, number=number)
    tick_item(incident, by=ana, now=now + timedelta(minutes=1), number=number)

    with pytest.raises(Conflict, match=r"@ana said at .* of “Check recent deployments”: passed"):
        tick_item(incident, by=ActorFactory(), now=now, number=number)
    assert history(incident, STEP) == [(CheckOutcome.PASSED, "")]


def test_what_asks_for_a_note_or_a_file_is_not_passed_without(incident, ana, now):
    with pytest.raises(InvalidInput, match="asks for a file") as refusal:
        tick_item(incident, by=ana, now=now, number=number_of(incident, FILED), note="I saw it")
    assert refusal.value.field == "file"
    with pytest.raises(InvalidInput, match="asks for a note") as refusal:
        tick_item(incident, by=ana, now=now, number=number_of(incident, NOTED), note="  ", file=upload())
    assert refusal.value.field == "note"
    assert [ChecklistMark.objects.count(), Attachment.objects.count()] == [0, 0]

    pass_all(incident, ana, now)

    item = state(incident, FILED)
    assert (item.outcome, str(item.attachment)) == (CheckOutcome.PASSED, "graph.png")
    assert texts(incident)[-2:] == [
        "✓ Errors are back · evidence: graph.png · @ana",
        "✓ Users are asked: ten of them, all well · @ana",
    ]


def test_a_machine_without_a_person_passes_nothing(incident, now):
    with pytest.raises(NotAllowed):
        tick_item(incident, by=MUSTER, now=now, number=number_of(incident, STEP))


def test_an_untick_keeps_what_was_said(incident, ana, now):
    number = number_of(incident, STEP)
    untick_item(incident, by=ana, now=now, number=number)
    tick_item(incident, by=ana, now=now, number=number)
    untick_item(incident, by=ana, now=now, number=number, note="the wrong one")

    item = state(incident, STEP)
    assert (item.outcome, item.marked_at, item.marked_by) == (CheckOutcome.OPEN, None, None)
    assert history(incident, STEP) == [(CheckOutcome.PASSED, ""), (CheckOutcome.OPEN, "the wrong one")]
    assert texts(incident)[-1] == "Open again: Check recent deployments: the wrong one · @ana"


def test_what_does_not_apply_says_why(incident, ana, now):
    number = number_of(incident, NOTED)
    with pytest.raises(InvalidInput, match="why it does not apply"):
        set_not_applicable(incident, by=ana, now=now, number=number, note="")
    set_not_applicable(incident, by=ana, now=now, number=number, note="nobody was affected")

    assert state(incident, NOTED).is_done
    assert texts(incident)[-1] == "– Does not apply: Users are asked: nobody was affected · @ana"


@pytest.mark.parametrize("note", ["x" * 301, "a\x00b"])
def test_a_note_that_cannot_be_kept_is_refused(incident, ana, now, note):
    with pytest.raises(InvalidInput) as refusal:
        tick_item(incident, by=ana, now=now, number=number_of(incident, STEP), note=note)
    assert refusal.value.field == "note"


@pytest.mark.parametrize("number", [0, 99])
def test_an_item_that_is_not_there_is_refused(incident, ana, now, number):
    with pytest.raises(InvalidInput, match="no such item"):
        tick_item(incident, by=ana, now=now, number=number)


def test_an_item_whose_flag_is_down_is_not_there(incident, ana, now):
    with pytest.raises(InvalidInput, match="no such item"):
        tick_item(incident, by=ana, now=now, number=number_of(incident, "Tell API customers"))


def test_a_check_that_fails_while_it_still_burns_is_only_written_down(incident, ana, now):
    fail_check(incident, by=ana, now=now, number=number_of(incident, FILED), note="2 % errors")

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.INVESTIGATING
    assert texts(incident)[-1] == "✗ Failed: Errors are back: 2 % errors · @ana"
    with pytest.raises(InvalidInput, match="what you saw"):
        fail_check(incident, by=ana, now=now, number=number_of(incident, NOTED), note=" ")


def test_a_failed_check_goes_back_to_investigating_and_keeps_the_resolution(incident, ana, now):
    pass_all(incident, ana, now)
    tick_item(incident, by=ana, now=now, number=number_of(incident, STEP))
    resolve_incident(incident, by=ana, now=now + timedelta(minutes=1))
    later = now + timedelta(minutes=9)

    fail_check(incident, by=ana, now=later, number=number_of(incident, CLOSES), note="403 again")

    incident.refresh_from_db()
    assert (incident.status, incident.resolved_at) == (IncidentStatus.INVESTIGATING, None)
    assert [text for text in texts(incident) if text == "Resolved"] == ["Resolved"]
    assert texts(incident)[-2:] == [
        "✗ Failed: Everyone is told: 403 again · @ana",
        "The watch failed: Everyone is told: 403 again",
    ]
    assert history(incident, FILED) == [(CheckOutcome.PASSED, ""), (CheckOutcome.OPEN, "it came back")]
    outcomes = {text: state(incident, text).outcome for text in (STEP, FILED, NOTED, CLOSES)}
    assert outcomes == {STEP: "passed", FILED: "open", NOTED: "open", CLOSES: "failed"}


def test_a_failed_step_is_no_failed_check(incident, ana, now):
    stop_bleeding(incident, by=ana, now=now)
    fail_check(incident, by=ana, now=now, number=number_of(incident, STEP), note="nobody knows")

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.MONITORING


def step_back(incident, by, now, status):
    change_status(incident, by=by, now=now, status=status)


def say_back(incident, by, now, status):
    post_status_update(incident, by=by, now=now, text="It hurts again.", status=status)


def watch_fails(incident, by, now, status):
    fail_watch(incident, by=by, now=now, reason="it is back")


EARLIER = ("investigating", "identified")
STEPS_BACK = [(step_back, one) for one in EARLIER] + [(say_back, one) for one in EARLIER]


@pytest.mark.parametrize(("back", "status"), [*STEPS_BACK, (watch_fails, "investigating")])
def test_whatever_steps_back_asks_every_check_again_once(incident, ana, now, back, status):
    pass_all(incident, ana, now)
    tick_item(incident, by=ana, now=now, number=number_of(incident, STEP))
    stop_bleeding(incident, by=ana, now=now)
    back(incident, ana, now, status)

    assert [state(incident, text).outcome for text in (FILED, NOTED, STEP)] == ["open", "open", "passed"]
    assert history(incident, NOTED) == [(CheckOutcome.PASSED, "ten of them, all well"), ("open", "it came back")]
    with pytest.raises(InvalidInput, match="2 checks are still to do"):
        resolve_incident(incident, by=ana, now=now)


def test_a_watch_that_fails_by_hand_asks_every_check_again(incident, ana, now):
    pass_all(incident, ana, now)
    stop_bleeding(incident, by=ana, now=now)
    fail_watch(incident, by=ana, now=now, reason="it is back")

    assert state(incident, FILED).outcome == CheckOutcome.OPEN
    pass_all(incident, ana, now + timedelta(minutes=5))
    assert history(incident, NOTED)[-1] == (CheckOutcome.PASSED, "ten of them, all well")
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize("seconds", [1, 9, 11])
def test_a_level_holds_back_from_the_press_that_raised_to_it(ladder, ana, now, seconds):
    phase = ladder.phases.get(slug="verify")
    PhaseItemFactory(phase=phase, position=9, text="Asked at SEV1", levels=["SEV1"], **CHECK)
    incident = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Slow")
    pass_all(incident, ana, now)
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    at = now + timedelta(seconds=seconds)
    settle_due_changes(now=at)

    with pytest.raises(InvalidInput, match=r"1 check is still to do: “Asked at SEV1”\. To resolve it all the same"):
        resolve_incident(incident, by=ana, now=at)
    assert incident.checklist.filter(item__text="Asked at SEV1").exists() == (seconds > 10)

    resolve_incident(incident, by=ana, now=at, reason="it is off")
    assert "Resolved: it is off (still to do: “Asked at SEV1”)" in texts(incident)
    settle_due_changes(now=at + timedelta(seconds=10))
    assert incident.checklist.filter(item__text="Asked at SEV1").count() == 1


def test_a_raise_that_was_taken_back_holds_nothing_back(ladder, ana, now):
    PhaseItemFactory(
        phase=ladder.phases.get(slug="verify"), position=9, text="Asked at SEV1", levels=["SEV1"], **CHECK
    )
    incident = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Slow")
    pass_all(incident, ana, now)
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    take_back_change(incident, by=ana, now=now + timedelta(seconds=2))

    resolve_incident(incident, by=ana, now=now + timedelta(seconds=3))
    assert not incident.checklist.filter(item__text="Asked at SEV1").exists()


def test_resolving_is_refused_until_its_checks_are_passed(incident, ana, now):
    with pytest.raises(InvalidInput) as refusal:
        resolve_incident(incident, by=ana, now=now)
    assert (str(refusal.value), refusal.value.field) == (
        "2 checks are still to do: “Errors are back”, “Users are asked”. To resolve it all the same, give a reason.",
        "reason",
    )
    tick_item(incident, by=ana, now=now, number=number_of(incident, FILED), file=upload())
    fail_check(incident, by=ana, now=now, number=number_of(incident, NOTED), note="some still wait")
    with pytest.raises(InvalidInput, match=r"1 check is still to do: “Users are asked” \(failed\)\. To resolve"):
        resolve_incident(incident, by=ana, now=now)

    tick_item(incident, by=ana, now=now, number=number_of(incident, NOTED), note="all well now")
    resolve_incident(incident, by=ana, now=now)

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.RESOLVED


def test_a_reason_resolves_without_and_the_record_says_without_what(incident, ana, now):
    resolve_incident(incident, by=ana, now=now, reason="switched off for good")

    assert "Resolved: switched off for good (still to do: “Errors are back”, “Users are asked”)" in texts(incident)


def test_closing_waits_for_its_own_checks(incident, ana, now):
    resolve_incident(incident, by=ana, now=now, reason="switched off")
    quiet = now + timedelta(hours=1)
    with pytest.raises(InvalidInput, match="1 check is still to do: “Everyone is told”"):
        close_incident(incident, by=ana, now=quiet)
    set_not_applicable(incident, by=ana, now=quiet, number=number_of(incident, CLOSES), note="nobody noticed")
    close_incident(incident, by=ana, now=quiet)

    assert texts(incident)[-1] == "Closed"


def test_closing_is_refused_once_with_all_that_holds_it(incident, ana, now):
    resolve_incident(incident, by=ana, now=now, reason="switched off")
    PromiseFactory(incident=incident, kind=PromiseKind.CRITICAL, subject="Fail over, or not", due_at=now)
    PromiseFactory(incident=incident, kind=PromiseKind.TASK, subject="Tidy the queue", subject_key="1", due_at=now)

    with pytest.raises(InvalidInput) as refusal:
        close_incident(incident, by=ana, now=now)

    assert str(refusal.value) == (
        "The watch lasts until 12:53 UTC. Still owed: Fail over, or not; Tidy the queue. "
        "1 check is still to do: “Everyone is told”. To close it all the same, give a reason."
    )


def test_resolving_is_refused_once_with_all_that_holds_it(incident, ana, now):
    watched = LevelFactory(
        version=incident.level.version, name="SEV0", watch_order=WatchOrder.BEFORE_RESOLVED, watch_for="30 min"
    )
    Incident.objects.update(level=watched)

    with pytest.raises(InvalidInput) as refusal:
        resolve_incident(incident, by=ana, now=now)

    assert str(refusal.value) == (
        "SEV0 is watched for 30 min before it is resolved; say first that the bleeding stopped. "
        "2 checks are still to do: “Errors are back”, “Users are asked”. To resolve it all the same, give a reason."
    )


def test_what_was_not_an_incident_needs_no_check_and_a_closed_record_takes_none(incident, ana, now):
    close_as_no_incident(incident, by=ana, now=now)

    with pytest.raises(WrongState, match="is closed"):
        tick_item(incident, by=ana, now=now, number=number_of(incident, STEP))


def test_a_viewer_ticks_nothing(incident, now):
    with pytest.raises(NotAllowed):
        tick_item(incident, by=Actor(UserFactory(viewer=True)), now=now, number=number_of(incident, STEP))


def test_a_mark_is_never_changed(incident, ana, now):
    tick_item(incident, by=ana, now=now, number=number_of(incident, STEP))

    with pytest.raises(DatabaseError), transaction.atomic():
        ChecklistMark.objects.update(note="never said")
    with pytest.raises(DatabaseError), transaction.atomic():
        ChecklistMark.objects.all().delete()


@pytest.mark.parametrize("act", [tick_item, fail_check, set_not_applicable])
def test_a_mark_that_breaks_half_way_leaves_nothing(incident, ana, now, monkeypatch, act):
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(check_actions, "note_sign_of_life", fail)
    before = texts(incident)

    with pytest.raises(IntegrityError):
        act(incident, by=ana, now=now, number=number_of(incident, FILED), note="seen", file=upload())

    assert [ChecklistMark.objects.count(), Attachment.objects.count()] == [0, 0]
    assert (state(incident, FILED).outcome, texts(incident)) == (CheckOutcome.OPEN, before)


def test_a_refused_file_marks_nothing(incident, ana, now):
    with pytest.raises(Refused):
        tick_item(incident, by=ana, now=now, number=number_of(incident, FILED), file=upload("evil.html", b"<script>"))

    assert state(incident, FILED).outcome == CheckOutcome.OPEN
