"""What a declaration costs at every level of every preset, with everybody whom it names in their places."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import AccessLevel
from incidents.actions.declare import declare_incident
from incidents.models import Incident, Level, Promise
from incidents.queries.policy import versions
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.policy import read_preset
from tests.journeys.cast import by_web
from tests.journeys.stage import moment, set_stage

pytestmark = pytest.mark.django_db
NOW = moment(date(2026, 6, 15), "10:00")
MOST = 30


@pytest.mark.parametrize("preset", ["pager", "platform", "follow-the-sun", "response-teams", "phases"])
def test_every_level_of_a_preset_is_declared_in_a_bounded_number_of_statements(preset: str) -> None:
    stage = set_stage(read_preset(preset), "http://127.0.0.1:1", now=NOW)
    ana = by_web(ReachableUserFactory())
    taken = {}
    versions({stage.ladder.pk})  # as the door has read it
    for level in Level.objects.filter(version=stage.ladder).select_related("version"):
        with CaptureQueriesContext(connection) as statements:
            declare_incident(
                by=ana, now=NOW, level=level, summary="It is odd", service=stage.service, submission_key=uuid4()
            )
        taken[level.name] = len(statements)

    assert {name: count for name, count in taken.items() if count > MOST} == {}
    assert Incident.objects.count() == len(taken)
    assert Promise.objects.exists()


def test_the_rules_of_a_private_incident_let_their_people_in_whoever_declared_it() -> None:
    stage = set_stage(read_preset("phases"), "http://127.0.0.1:1", now=NOW)
    anybody = by_web(UserFactory(access=AccessLevel.RESPONDER))
    level = Level.objects.get(version=stage.ladder, name="SEV1")

    incident = declare_incident(by=anybody, now=NOW, level=level, summary="It is odd", is_private=True)

    holders = {held.user for held in incident.role_assignments.select_related("user")}
    assert holders
    assert incident.audience is not None
    assert holders <= {entry.user for entry in incident.audience.entries.select_related("user")}
