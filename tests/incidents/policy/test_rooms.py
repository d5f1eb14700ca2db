"""The room of each preset's worst level, in its first minute: small, and in few queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actor import Actor
from incidents.actions.declare import declare_incident
from incidents.policy_file import preset_names
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import ServiceFactory, make_policy
from tests.factories.policy import apply_preset

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", preset_names())
def test_the_room_has_less_than_eighty_kilobytes_and_takes_at_most_twenty_queries(client: Client, name: str) -> None:
    ana = ReachableUserFactory()
    service = ServiceFactory(policy=make_policy(ana, ReachableUserFactory()))
    level = min(apply_preset(name).levels.all(), key=lambda level: level.rank)
    incident = declare_incident(
        by=Actor(ana), now=timezone.now(), level=level, summary="Nothing answers", service=service
    )
    client.force_login(ana)
    client.get(incident.get_absolute_url())

    with CaptureQueriesContext(connection) as asked:
        html = client.get(incident.get_absolute_url()).content

    assert len(html) < 80_000
    assert len(asked) <= 20
