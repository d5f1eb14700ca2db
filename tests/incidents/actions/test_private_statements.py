"""What privacy costs: the same number of statements for one person and for a dozen."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import AudienceMember, User
from comms.enums import MessageStatus
from comms.models import Message
from incidents.actions.audience import make_private
from incidents.actions.declare import declare_incident
from incidents.actions.runbook import take_up_runbook
from incidents.models import Incident, Runbook
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import PolicyFactory, PolicyStepFactory, StepTargetFactory
from tests.factories.incidents import level_of, make_ladder
from tests.factories.ladder import FlagFactory, RunbookFactory

pytestmark = pytest.mark.django_db


def people_rung_at_once(slug: str, count: int) -> list[User]:
    """`count` people whom the only step of the policy `slug` rings."""
    step = PolicyStepFactory(policy=PolicyFactory(slug=slug, name=slug.capitalize()), position=0)
    people = ReachableUserFactory.create_batch(count)
    for user in people:
        StepTargetFactory(step=step, user=user)
    return people


def breach(count: int) -> tuple[Runbook, list[User]]:
    """A runbook of a breach, whose level rings `count` people and which rings as many others; all of them."""
    people = [*people_rung_at_once(f"all{count}", count), *people_rung_at_once(f"legal{count}", count)]
    ladder = make_ladder(slug=f"sev{count}", policy=f"all{count}", is_default=False)
    FlagFactory(version=ladder, slug="breach", name="Breach", makes_private=True)
    pages = [f"legal{count}"]
    return RunbookFactory(version=ladder, slug="breach", name="A breach", flag="breach", pages=pages), people


Doing = Callable[[Runbook, Actor, datetime], Incident]


def declare_private(runbook: Runbook, by: Actor, now: datetime) -> Incident:
    level = level_of(runbook.version, "SEV1")
    return declare_incident(by=by, now=now, level=level, summary="Data left", runbook=runbook)


def take_up(runbook: Runbook, by: Actor, now: datetime) -> Incident:
    incident = Incident.objects.get(summary="Slow")
    take_up_runbook(incident, by=by, now=now, runbook="breach")
    return incident


def hide(runbook: Runbook, by: Actor, now: datetime) -> Incident:
    return make_private(Incident.objects.get(summary="Slow"), by=by, now=now, reason="a person is named")


@pytest.mark.parametrize(("act", "are_all_rung"), [(declare_private, True), (take_up, True), (hide, False)])
def test_privacy_takes_as_many_statements_for_a_dozen_people_as_for_one(
    act: Doing, are_all_rung: bool, ana: Actor, now: datetime
) -> None:
    taken = []
    for count in (1, 12):
        Incident.objects.update(summary="Before")
        runbook, people = breach(count)
        if act is not declare_private:
            level = level_of(runbook.version, "SEV1")
            declare_incident(by=ana, now=now, level=level, summary="Slow")

        with CaptureQueriesContext(connection) as statements:
            incident = act(runbook, ana, now)

        taken.append(len(statements))
        incident.refresh_from_db()
        reached = people if are_all_rung else people[:count]
        entries = AudienceMember.objects.filter(audience=incident.audience)
        waits = Message.objects.filter(subject_key=incident.subject_key, status=MessageStatus.WAITING)
        handles = {user.handle for user in reached}
        assert set(entries.values_list("user__handle", flat=True)) == {"ana", *handles}
        assert set(waits.values_list("user__handle", flat=True)) == handles

    assert taken[0] == taken[1]
