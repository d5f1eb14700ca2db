"""What becomes of a page enters the record of its incident."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from accounts.actor import MUSTER
from accounts.models import User
from core.moments import show_clock
from escalation.actions.page import start_page
from incidents.models import Incident
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import ServiceFactory, make_policy

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

    page_about(incident, nora, now=now, held_until=until, service=ServiceFactory(name="Search"))

    entry = incident.entries.latest("number")
    assert (entry.kind, entry.text) == (
        "page",
        f"search is held by maintenance of Search until {show_clock(until)}; then it is rung",
    )
    client.force_login(nora)
    room = " ".join(client.get(incident.get_absolute_url()).content.decode().split())
    assert "search is held by maintenance until" in room
    assert "Acknowledge: search" not in room
