"""Bleeding stopped, watched, resolved, closed: in the order that the policy says."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from accounts.models import User
from comms.enums import MessageKind
from comms.models import Message
from core.errors import InvalidInput, Refused, WrongState
from escalation.enums import PageStatus
from escalation.models import Page
from incidents.actions import status as status_actions
from incidents.actions.declare import declare_incident
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.role import assign_role
from incidents.actions.status import (
    change_status,
    close_as_no_incident,
    close_incident,
    fail_watch,
    resolve_incident,
    stop_bleeding,
)
from incidents.enums import ClosedAs, IncidentStatus, PromiseKind, WatchOrder
from incidents.models import Incident, LadderVersion
from tests.factories.incidents import DutyFactory, LevelFactory, PromiseFactory
from tests.incidents.actions.conftest import texts


@pytest.fixture
def watched_before(ladder: LadderVersion, ana: Actor, now: datetime) -> Incident:
    """Of a level that watches before “resolved”, as 003 and 004 do."""
    level = LevelFactory(version=ladder, name="P1", rank=9, watch_order=WatchOrder.BEFORE_RESOLVED, watch_for="30 min")
    return declare_incident(by=ana, now=now, level=level, summary="Payments fail")


def open_kinds(incident: Incident) -> list[str]:
    """What is owed still."""
    return sorted(incident.promises.undone().values_list("kind", flat=True))


def test_a_step_is_said_and_the_same_again_says_nothing(incident: Incident, ana: Actor, now: datetime) -> None:
    change_status(incident, by=ana, now=now, status="identified")
    change_status(incident, by=ana, now=now, status="identified")

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.IDENTIFIED
    assert texts(incident).count("Status: identified") == 1


@pytest.mark.parametrize("status", ["resolved", "closed", "banana", ""])
def test_a_status_that_is_no_step_is_refused(incident: Incident, ana: Actor, now: datetime, status: str) -> None:
    with pytest.raises(InvalidInput):
        change_status(incident, by=ana, now=now, status=status)

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.INVESTIGATING


def test_resolve_then_watch_then_close(incident: Incident, ana: Actor, now: datetime) -> None:
    """The order of document 000."""
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    stop_bleeding(incident, by=ana, now=now + timedelta(minutes=20))
    resolve_incident(incident, by=ana, now=now + timedelta(minutes=30))

    incident.refresh_from_db()
    assert (incident.status, incident.mitigated_at) == (IncidentStatus.RESOLVED, now + timedelta(minutes=20))
    assert open_kinds(incident) == [PromiseKind.POSTMORTEM, PromiseKind.WATCH]
    assert incident.promises.get(kind=PromiseKind.WATCH).due_at == now + timedelta(minutes=60)
    postmortem = incident.promises.get(kind=PromiseKind.POSTMORTEM)
    assert (postmortem.due_at, postmortem.owner) == (now + timedelta(minutes=30, hours=48), ana.user)

    with pytest.raises(InvalidInput, match="The watch lasts until"):
        close_incident(incident, by=ana, now=now + timedelta(minutes=59))
    sweep_promises(now=now + timedelta(minutes=60))
    close_incident(incident, by=ana, now=now + timedelta(minutes=61))

    incident.refresh_from_db()
    assert (incident.status, incident.closed_as) == (IncidentStatus.CLOSED, ClosedAs.RESPONSE_OVER)
    assert open_kinds(incident) == [PromiseKind.POSTMORTEM]
    assert incident.commander is None
    assert "Watched for 30 min: the watch is over" in texts(incident)


def test_watch_then_resolve(watched_before: Incident, ana: Actor, now: datetime) -> None:
    """The order of documents 003 and 004."""
    incident = watched_before
    with pytest.raises(InvalidInput, match="say first that the bleeding stopped"):
        resolve_incident(incident, by=ana, now=now)
    stop_bleeding(incident, by=ana, now=now)
    with pytest.raises(InvalidInput, match="P1 is watched for 30 min before it is resolved: until"):
        resolve_incident(incident, by=ana, now=now + timedelta(minutes=29))
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.MONITORING

    sweep_promises(now=now + timedelta(minutes=30))
    resolve_incident(incident, by=ana, now=now + timedelta(minutes=30))

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.RESOLVED
    assert open_kinds(incident) == []
    close_incident(incident, by=ana, now=now + timedelta(minutes=30))


def test_a_reason_resolves_before_the_watch_is_over(watched_before: Incident, ana: Actor, now: datetime) -> None:
    resolve_incident(watched_before, by=ana, now=now, reason="the feature is switched off")

    assert "Resolved: the feature is switched off" in texts(watched_before)


def test_resolving_stops_every_page_and_says_so(incident: Incident, ana: Actor, now: datetime) -> None:
    resolve_incident(incident, by=ana, now=now)

    page = Page.objects.get()
    assert (page.status, page.wake_at) == (PageStatus.STOPPED, None)
    assert "Stopped ringing primary: resolved" in texts(incident)
    told = Message.objects.filter(kind=MessageKind.STATUS_UPDATE).values_list("facts__event", flat=True)
    assert list(told) == ["resolved"]


def test_a_failed_watch_goes_back_and_keeps_the_story(incident: Incident, ana: Actor, now: datetime) -> None:
    resolve_incident(incident, by=ana, now=now)

    with pytest.raises(InvalidInput):
        fail_watch(incident, by=ana, now=now, reason="  ")
    fail_watch(incident, by=ana, now=now + timedelta(minutes=5), reason="403 again")

    incident.refresh_from_db()
    assert (incident.status, incident.resolved_at, incident.mitigated_at) == (
        IncidentStatus.INVESTIGATING,
        None,
        None,
    )
    assert texts(incident)[-1] == "The watch failed: 403 again"
    assert "Resolved" in texts(incident)
    assert open_kinds(incident) == [PromiseKind.STATUS_UPDATE]
    assert incident.promises.get(kind=PromiseKind.POSTMORTEM).withdrawn_reason == "it came back"


def test_what_was_not_an_incident_owes_nothing(incident: Incident, ana: Actor, now: datetime) -> None:
    close_as_no_incident(incident, by=ana, now=now, reason="a test host")

    incident.refresh_from_db()
    assert (incident.status, incident.closed_as, incident.resolved_at) == (
        IncidentStatus.CLOSED,
        ClosedAs.NOT_AN_INCIDENT,
        None,
    )
    assert incident.promises.open().count() == 0
    assert Page.objects.get().status == PageStatus.STOPPED
    assert texts(incident)[-1] == "Closed: not an incident. Declaring it was right: a test host"


def test_what_is_resolved_is_not_resolved_again(incident: Incident, ana: Actor, now: datetime) -> None:
    resolve_incident(incident, by=ana, now=now)

    for again in (resolve_incident, stop_bleeding):
        with pytest.raises(WrongState):
            again(incident, by=ana, now=now)
    with pytest.raises(Refused):
        change_status(incident, by=ana, now=now, status="identified")


def test_the_bleeding_stops_once(incident: Incident, ana: Actor, now: datetime) -> None:
    stop_bleeding(incident, by=ana, now=now)

    with pytest.raises(WrongState, match=r"stopped at .* already"):
        stop_bleeding(incident, by=ana, now=now)


def test_who_closes_too_early_reads_the_end_of_the_watch_in_their_own_zone(
    incident: Incident, jens: User, now: datetime
) -> None:
    by = Actor(jens)
    stop_bleeding(incident, by=by, now=now)
    resolve_incident(incident, by=by, now=now)

    with pytest.raises(InvalidInput, match="The watch lasts until 14:53 CEST"):
        close_incident(incident, by=by, now=now)


def test_only_a_resolved_incident_closes(incident: Incident, ana: Actor, now: datetime) -> None:
    with pytest.raises(WrongState, match="Resolve it first"):
        close_incident(incident, by=ana, now=now)


def test_a_resolution_that_breaks_half_way_leaves_the_page_ringing(
    incident: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(status_actions, "tell_channel", fail)
    before = texts(incident)

    with pytest.raises(IntegrityError):
        resolve_incident(incident, by=ana, now=now)

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.INVESTIGATING
    assert Page.objects.get().status == PageStatus.RINGING
    assert texts(incident) == before


def test_a_customer_email_is_owed_where_the_level_owes_one(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    level = LevelFactory(version=ladder, name="SEV9", rank=9)
    DutyFactory(level=level, kind=PromiseKind.CUSTOMER_EMAIL, within="24 h", owed_by="comms")
    incident = declare_incident(by=ana, now=now, level=level, summary="Odd")

    resolve_incident(incident, by=ana, now=now)

    owed = incident.promises.undone().get()
    assert (owed.kind, owed.due_at, owed.owed_by) == (PromiseKind.CUSTOMER_EMAIL, now + timedelta(hours=24), "comms")


def test_closing_asks_for_a_reason_while_something_urgent_is_owed_and_names_it(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    resolve_incident(incident, by=ana, now=now)
    over = now + timedelta(minutes=30)
    sweep_promises(now=over)
    brief = PromiseFactory(incident=incident, kind=PromiseKind.CRITICAL, subject="Fail over, or not", due_at=over)

    with pytest.raises(InvalidInput, match=r"Still owed: Fail over, or not\. To close it all the same, give"):
        close_incident(incident, by=ana, now=over)
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.RESOLVED

    close_incident(incident, by=ana, now=over, reason="not needed any more")
    brief.refresh_from_db()
    assert brief.withdrawn_reason == "closed: not needed any more"


def test_what_is_owed_after_the_fire_holds_no_closing_and_goes_on(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    resolve_incident(incident, by=ana, now=now)
    over = now + timedelta(minutes=30)
    sweep_promises(now=over)
    kinds = (PromiseKind.CUSTOMER_EMAIL, PromiseKind.ACTION_ITEM, PromiseKind.MEETING)
    for kind in kinds:
        PromiseFactory(incident=incident, kind=kind, due_at=over)

    close_incident(incident, by=ana, now=over)

    left = incident.promises.undone().values_list("kind", flat=True)
    assert sorted(left) == sorted([*kinds, PromiseKind.POSTMORTEM])


@pytest.mark.parametrize("status", ["investigating", "identified"])
def test_a_step_back_ends_the_watch_and_the_bleeding_is_stopped_anew(
    watched_before: Incident, ana: Actor, now: datetime, status: str
) -> None:
    stop_bleeding(watched_before, by=ana, now=now)

    status_actions.change_status(watched_before, by=ana, now=now + timedelta(minutes=1), status=status)

    watched_before.refresh_from_db()
    assert (watched_before.mitigated_at, watched_before.mitigated_by) == (None, None)
    assert PromiseKind.WATCH not in open_kinds(watched_before)
    later = now + timedelta(hours=1)
    with pytest.raises(InvalidInput, match="say first that the bleeding stopped"):
        resolve_incident(watched_before, by=ana, now=later)
    stop_bleeding(watched_before, by=ana, now=later)
    assert PromiseKind.WATCH in open_kinds(watched_before)
