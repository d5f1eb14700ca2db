"""What a version of the policy says is read once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Incident
from incidents.queries.policy import forget_policies, policies_of, policy_of
from tests.factories.incidents import IncidentFactory
from tests.factories.policy import apply_preset, level_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> Incident:
    ladder = apply_preset("phases")
    return IncidentFactory(level=level_of(ladder, "SEV1"))


def fetched(incident: Incident) -> Incident:
    return Incident.objects.select_related("level").get(pk=incident.pk)


def test_it_is_the_policy_as_its_rows_say_it_in_order(incident):
    forget_policies()
    version = incident.level.version

    rows = policy_of(fetched(incident))

    assert [level.name for level in rows.levels] == list(
        version.levels.order_by("rank").values_list("name", flat=True)
    )
    assert list(rows.items) == [item.pk for phase in version.phases.all() for item in phase.items.all()]
    assert list(rows.actions) == [action.pk for book in version.runbooks.all() for action in book.actions.all()]
    seats = rows.level(incident.level_id).team.all()
    assert [(seat.role, rows.role_names[seat.role]) for seat in seats] == [
        (seat.role, version.roles.get(slug=seat.role).name) for seat in incident.level.team.all()
    ]


def test_who_asks_again_asks_nothing_and_several_policies_take_as_many_statements_as_one(incident):
    one, other = fetched(incident), fetched(IncidentFactory(level=level_of(apply_preset("pager"), "SEV2")))

    def statements(*incidents: Incident) -> int:
        with CaptureQueriesContext(connection) as found:
            policies_of(incidents)
        return len(found)

    forget_policies()
    alone = statements(one)
    forget_policies()

    assert (statements(one, other), statements(one, other)) == (alone, 0)
    assert policy_of(one).version != policy_of(other).version
