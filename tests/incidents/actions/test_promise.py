"""Reminded before, red at zero, the deputy after, escalated at last."""

from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection

from accounts.actor import MUSTER, Actor
from accounts.models import User
from comms.enums import MessageKind, MessageStatus, Urgency
from comms.models import EngineTick, Message
from core.errors import WrongState
from escalation.actions.page import acknowledge_page
from escalation.enums import PageStatus, TargetKind
from escalation.models import Page, Policy, StepTarget
from incidents.actions import promise_sweep
from incidents.actions.channels import record_handed_over
from incidents.actions.promise import keep_promise, make_promise, withdraw_promises
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.role import assign_role
from incidents.actions.status_update import post_status_update
from incidents.enums import PromiseKind, PromiseStage
from incidents.models import Incident, Promise
from tests.factories.accounts import ActorFactory
from tests.incidents.actions.conftest import texts


def told(kind: MessageKind) -> list[str]:
    """The handles of those who were told, in order."""
    return list(Message.objects.filter(kind=kind).order_by("pk").values_list("user__handle", flat=True))


@pytest.fixture
def update_due(incident: Incident, ana: Actor, now: datetime) -> Promise:
    """The status update that Ana, who commands, owes by 14:53."""
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    return incident.promises.get(kind=PromiseKind.STATUS_UPDATE)


def test_the_stages_of_a_promise_that_nobody_keeps(
    incident: Incident, update_due: Promise, ana: Actor, jens: User, now: datetime
) -> None:
    assign_role(incident, by=ana, now=now, role="deputy", user=jens)
    pages = Page.objects.count()

    stages = []
    for minute in (24, 25, 29, 30, 34, 35, 39, 40, 41):
        sweep_promises(now=now + timedelta(minutes=minute))
        update_due.refresh_from_db()
        stages.append((minute, PromiseStage(update_due.stage)))

    assert stages == [
        (24, PromiseStage.MADE),
        (25, PromiseStage.REMINDED),
        (29, PromiseStage.REMINDED),
        (30, PromiseStage.BROKEN),
        (34, PromiseStage.BROKEN),
        (35, PromiseStage.DEPUTY_TOLD),
        (39, PromiseStage.DEPUTY_TOLD),
        (40, PromiseStage.ESCALATED),
        (41, PromiseStage.ESCALATED),
    ]
    assert told(MessageKind.NUDGE) == ["ana"]
    assert told(MessageKind.BROKEN_PROMISE) == ["ana", "jens"]
    assert update_due.broken_at == now + timedelta(minutes=30)
    assert Page.objects.count() == pages + 1
    assert Page.objects.order_by("-pk").first().group == "Primary: status update is late"
    late = Message.objects.filter(kind=MessageKind.BROKEN_PROMISE)
    assert set(late.values_list("urgency", flat=True)) == {Urgency.NORMAL}  # a late promise pushes and mails


def rings_about(update_due: Promise, now: datetime) -> Page:
    """The page that rings because the update is late, 40 minutes after the declaration."""
    for minute in (30, 35, 40):
        sweep_promises(now=now + timedelta(minutes=minute))
    return Page.objects.get(group="Primary: status update is late")


def test_what_rings_about_a_promise_ends_as_it_is_kept(
    incident: Incident, update_due: Promise, ana: Actor, now: datetime
) -> None:
    page, later = rings_about(update_due, now), now + timedelta(minutes=41)
    others = Page.objects.exclude(pk=page.pk).values_list("status", flat=True)
    before = list(others)

    keep_promise(update_due, by=ana, now=later)

    page.refresh_from_db()
    assert (page.status, page.stopped_at, page.stop_reason) == (PageStatus.STOPPED, later, "it is done")
    assert texts(incident)[-1] == "Stopped ringing Primary: status update is late: it is done"
    assert list(others) == before


def test_what_was_answered_about_a_promise_does_not_ring_anew_once_it_is_kept(
    update_due: Promise, ana: Actor, jens: User, now: datetime
) -> None:
    page, later = rings_about(update_due, now), now + timedelta(minutes=41)
    acknowledge_page(page, by=ActorFactory(user=jens), now=later)

    keep_promise(update_due, by=ana, now=later)

    page.refresh_from_db()
    assert (page.status, page.stopped_at, page.wake_at) == (PageStatus.ACKNOWLEDGED, later, None)


def test_it_ends_too_when_the_words_arrive_or_nobody_owes_them_any_more_or_later(
    incident: Incident, update_due: Promise, ana: Actor, now: datetime
) -> None:
    page, later = rings_about(update_due, now), now + timedelta(minutes=41)
    post_status_update(incident, by=ana, now=later, text="Still looking")
    for message in Message.objects.filter(kind=MessageKind.STATUS_UPDATE):
        Message.objects.filter(pk=message.pk).update(status=MessageStatus.SENT, sent_at=later)
        record_handed_over(message, now=later)
    page.refresh_from_db()
    assert page.stop_reason == "it is done"

    page = ring_for(incident, ana, later)
    make_promise(incident, by=ana, now=later, kind=PromiseKind.TASK, due_at=later + timedelta(hours=1), subject="Ask")
    page.refresh_from_db()
    assert page.stop_reason == "it is owed by 14:04 UTC"

    page = ring_for(incident, ana, later)
    withdraw_promises(incident, now=later, kinds=(PromiseKind.TASK,), reason="it was dropped")
    page.refresh_from_db()
    assert page.stop_reason == "it was dropped"


def ring_for(incident: Incident, by: Actor, now: datetime) -> Page:
    """The page about a task that was owed by `now`, and rings for it."""
    how = {"kind": PromiseKind.TASK, "subject": "Ask", "escalate_policy": "primary"}
    promise = make_promise(incident, by=by, now=now - timedelta(hours=1), due_at=now, **how)
    for _ in range(3):
        sweep_promises(now=now)
    promise.refresh_from_db()
    assert promise.page is not None
    return promise.page


@pytest.mark.django_db(transaction=True)
def test_a_page_that_somebody_holds_is_stopped_at_the_next_tick(
    update_due: Promise, ana: Actor, now: datetime
) -> None:
    page, later = rings_about(update_due, now), now + timedelta(minutes=41)

    parameters = connection.get_connection_params()
    with psycopg.connect(dbname=parameters["dbname"], host=parameters["host"], user=parameters["user"]) as other:
        other.execute("SELECT 1 FROM escalation_page WHERE id = %s FOR UPDATE", [page.pk])
        keep_promise(update_due, by=ana, now=later)
        page.refresh_from_db()
        assert page.status == PageStatus.RINGING
        other.rollback()
    sweep_promises(now=later + timedelta(seconds=1))

    page.refresh_from_db()
    assert (page.status, page.stop_reason) == (PageStatus.STOPPED, "it is done")


def test_an_escalated_promise_finds_whoever_holds_a_role(
    incident: Incident, update_due: Promise, ana: Actor, mira: User, now: datetime
) -> None:
    """A step that names a role of the incident rings its holder, as in every other page of it."""
    assign_role(incident, by=ana, now=now, role="scribe", user=mira)
    StepTarget.objects.filter(step__position=0).update(kind=TargetKind.ROLE, user=None, role="scribe")

    for minute in (30, 35, 40):
        sweep_promises(now=now + timedelta(minutes=minute))

    assert [attempt.user for attempt in Page.objects.latest("pk").attempts.all()] == [mira]


def test_after_a_pause_every_stage_is_made_up_for(update_due: Promise, now: datetime) -> None:
    for _ in range(4):
        sweep_promises(now=now + timedelta(hours=2))

    update_due.refresh_from_db()
    assert update_due.stage == PromiseStage.ESCALATED
    assert update_due.broken_at == now + timedelta(minutes=30)
    assert told(MessageKind.NUDGE) == []  # a reminder after the moment is none


def test_an_empty_deputy_is_said_and_escalation_goes_on(
    incident: Incident, update_due: Promise, now: datetime
) -> None:
    for minute in (30, 35, 40):
        sweep_promises(now=now + timedelta(minutes=minute))

    assert "Status update is still late, and nobody holds the role deputy" in texts(incident)
    update_due.refresh_from_db()
    assert update_due.stage == PromiseStage.ESCALATED


def test_a_policy_that_is_gone_is_said_aloud(incident: Incident, update_due: Promise, now: datetime) -> None:
    Policy.objects.update(slug="renamed")

    for minute in (30, 35, 40):
        sweep_promises(now=now + timedelta(minutes=minute))

    assert texts(incident)[-1] == "**Status update is late and nobody was rung:** there is no policy “primary”"


def test_a_sweep_twice_does_nothing_twice(incident: Incident, update_due: Promise, now: datetime) -> None:
    sweep_promises(now=now + timedelta(minutes=30))
    said = texts(incident)

    assert sweep_promises(now=now + timedelta(minutes=30)) == 0
    assert texts(incident) == said


def test_a_promise_that_fails_never_stops_the_others(
    incident: Incident, update_due: Promise, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = promise_sweep.advance_promise
    extra = make_promise(
        incident, by=MUSTER, now=now, kind=PromiseKind.ACTION_ITEM, due_at=now + timedelta(minutes=1), subject="Odd"
    )

    def fail_once(pk: int, *, now: datetime) -> bool:
        if pk == extra.pk:
            raise RuntimeError("this row is broken")
        return working(pk, now=now)

    monkeypatch.setattr(promise_sweep, "advance_promise", fail_once)
    sweep_promises(now=now + timedelta(minutes=30))

    update_due.refresh_from_db()
    extra.refresh_from_db()
    assert (update_due.stage, extra.stage) == (PromiseStage.BROKEN, PromiseStage.MADE)


def test_the_sweep_reports_that_it_ran(now: datetime, db: None) -> None:
    sweep_promises(now=now)

    assert EngineTick.objects.get(sweep="incidents.sweep_promises").ticked_at == now


def test_a_promise_made_again_moves_and_is_not_doubled(incident: Incident, now: datetime) -> None:
    for minutes in (10, 20):
        make_promise(
            incident,
            by=MUSTER,
            now=now,
            kind=PromiseKind.ACTION_ITEM,
            due_at=now + timedelta(minutes=minutes),
            subject="Alert on the block rate",
            subject_key="action:1",
        )

    assert incident.promises.get(kind=PromiseKind.ACTION_ITEM).due_at == now + timedelta(minutes=20)


def test_a_kept_promise_stays_kept_and_a_withdrawn_one_cannot_be(
    incident: Incident, update_due: Promise, ana: Actor, now: datetime
) -> None:
    keep_promise(update_due, by=ana, now=now)
    again = keep_promise(update_due, by=ana, now=now + timedelta(minutes=5))
    assert again.kept_at == now

    other = make_promise(
        incident, by=MUSTER, now=now, kind=PromiseKind.ACTION_ITEM, due_at=now, subject="Odd", subject_key="action:1"
    )
    assert withdraw_promises(incident, now=now, kinds=(PromiseKind.ACTION_ITEM,), reason="dropped") == 1
    with pytest.raises(WrongState):
        keep_promise(other, by=ana, now=now)


def test_withdrawing_one_of_a_kind_leaves_the_others(incident: Incident, now: datetime) -> None:
    for number in (1, 2):
        make_promise(
            incident,
            by=MUSTER,
            now=now,
            kind=PromiseKind.ACTION_ITEM,
            due_at=now,
            subject=f"Number {number}",
            subject_key=f"action:{number}",
        )

    withdraw_promises(incident, now=now, kinds=(PromiseKind.ACTION_ITEM,), reason="dropped", subject_key="action:1")

    left = incident.promises.open().filter(kind=PromiseKind.ACTION_ITEM)
    assert list(left.values_list("subject", flat=True)) == ["Number 2"]
