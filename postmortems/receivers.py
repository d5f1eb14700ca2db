"""What happens to an incident opens or withdraws its postmortem; each receiver calls one action."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.actor import MUSTER, Actor
from incidents.enums import NOT_OF_ITS_OWN
from incidents.models import Incident, Promise, RoleAssignment
from incidents.signals import (
    action_done,
    action_owed,
    incident_audience_changed,
    incident_closed,
    incident_reopened,
    incident_resolved,
    role_passed_on,
)
from postmortems.actions.action_item import finish_promised, take_in_promise
from postmortems.actions.postmortem import (
    follow_audience,
    open_postmortem,
    owes_postmortem,
    pass_on_postmortem,
    reopen_postmortem,
    withdraw_postmortem,
)
from postmortems.models import Postmortem


@receiver(incident_resolved)
def on_incident_resolved(incident: Incident, now: datetime, **_: Any) -> None:
    """A draft is opened where the level asks for one."""
    if owes_postmortem(incident):
        open_postmortem(incident, by=MUSTER, now=now)


@receiver(incident_closed)
def on_incident_closed(incident: Incident, now: datetime, **_: Any) -> None:
    """It was none of its own: nothing is owed."""
    postmortem = Postmortem.objects.filter(incident=incident).first()
    if postmortem and incident.closed_as in NOT_OF_ITS_OWN:
        withdraw_postmortem(postmortem, by=MUSTER, now=now)


@receiver(role_passed_on)
def on_role_passed_on(incident: Incident, held: RoleAssignment, by: Actor, now: datetime, **_: Any) -> None:
    """As long as nobody has begun to write it, whoever has the role that owes it does."""
    if postmortem := Postmortem.objects.filter(incident=incident).first():
        pass_on_postmortem(postmortem, held, by=by, now=now)


@receiver(incident_reopened)
def on_incident_reopened(incident: Incident, now: datetime, **_: Any) -> None:
    """The resolution did not hold: a published postmortem told the story too early."""
    if postmortem := Postmortem.objects.filter(incident=incident).first():
        reopen_postmortem(postmortem, by=MUSTER, now=now)


@receiver(incident_audience_changed)
def on_incident_audience_changed(incident: Incident, now: datetime, **_: Any) -> None:
    """Who may see the incident may see its postmortem, and whoever works on that may see both."""
    if postmortem := Postmortem.objects.filter(incident=incident).first():
        follow_audience(postmortem, now=now)


@receiver(action_owed)
def on_action_owed(promise: Promise, by: Actor, now: datetime, **_: Any) -> None:
    """What the incident owes afterwards is an action item."""
    take_in_promise(promise, by=by, now=now)


@receiver(action_done)
def on_action_done(promise: Promise, by: Actor, now: datetime, **_: Any) -> None:
    """It was done there."""
    finish_promised(promise, by=by, now=now)
