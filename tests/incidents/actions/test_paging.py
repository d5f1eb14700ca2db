"""What becomes of a page enters the record of its incident."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.actor import MUSTER, Actor
from accounts.enums import Via
from accounts.models import User
from core.moments import show_clock
from escalation.actions.page import start_page
from escalation.enums import PageStatus
from escalation.models import Page
from incidents.actions.declare import declare_incident
from incidents.models import Incident
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import MaintenanceWindowFactory, ServiceFactory, make_policy
from tests.factories.incidents import level_of, make_ladder

MINUTE = timedelta(minutes=1)


def page_about(incident: Incident, *people: User, now: datetime, **how: Any) -> Any:
    """A page of a policy of `people` about `incident`."""
    return start_page(
        by=MUSTER,
        now=now,
        group="search",
        policy=make_policy(*people),
        subject_key=incident.subject_key,
        subject=incident.headline,
        link=incident.get_absolute_url(),
        level_name=incident.level.name,
        level_rank=incident.level.rank,
        **how,
    )


def test_a_page_held_by_maintenance_is_in_the_record_and_in_the_room(
    incident: Incident, now: datetime, client: Client
) -> None:
    until = now + 20 * MINUTE
    nora = ReachableUserFactory(handle="nora")

    search = ServiceFactory(name="Search")
    MaintenanceWindowFactory(services=[search], starts_at=now, ends_at=until)

    page_about(incident, nora, now=now, by_machine=True, service=search)

    entry = incident.entries.latest("number")
    assert (entry.kind, entry.text) == (
        "page",
        f"search is held by maintenance of Search until {show_clock(until)}; then it is rung",
    )
    client.force_login(nora)
    room = " ".join(client.get(incident.get_absolute_url()).content.decode().split())
    assert "search is held by maintenance until" in room
    assert "Acknowledge: search" not in room


@pytest.mark.django_db
def test_maintenance_holds_what_a_machine_declares_and_nothing_that_a_person_declares(now: datetime) -> None:
    nora = ReachableUserFactory(handle="nora")
    level = level_of(make_ladder(nora), "SEV2")
    search = ServiceFactory(policy=make_policy(nora))
    MaintenanceWindowFactory(services=[search], starts_at=now)

    for by in (MUSTER, Actor(user=nora, via=Via.API)):
        declare_incident(by=by, now=now, level=level, summary="Search is slow", service=search)

    assert list(Page.objects.order_by("pk").values_list("status", "by_machine")) == [
        (PageStatus.HELD, True),
        (PageStatus.RINGING, False),
    ]
