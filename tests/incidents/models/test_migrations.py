"""The way back: what a migration made goes again, with rows there, and comes back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from incidents.models import SubTeamMember
from tests.factories import NOW
from tests.factories.incidents import PromiseFactory
from tests.factories.people import SubTeamFactory, SubTeamMemberFactory
from tests.factories.scenario import IncidentEscalationFactory
from tests.factories.words import IncidentLinkFactory, PinFactory
from tests.factories.working import AffectedServiceFactory, TaskFactory

BEFORE_THE_RECORD_WAS_KEPT = "0017_flag_new_failure"


def migrate(to: list[tuple[str, str]]) -> None:
    """Within the transaction of the test, so that what is still to be checked at its end is checked first."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    MigrationExecutor(connection).migrate(to)


@pytest.mark.django_db
def test_the_protection_of_the_record_goes_and_comes_back_with_rows_there() -> None:
    for factory in (IncidentEscalationFactory, PinFactory, TaskFactory, PromiseFactory):
        factory()
    AffectedServiceFactory()
    IncidentLinkFactory()
    left = SubTeamMemberFactory(team=SubTeamFactory(), left_at=NOW + timedelta(hours=1))
    back = SubTeamMemberFactory(team=left.team, user=left.user, joined_at=NOW + timedelta(hours=2))
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()

    migrate([("incidents", BEFORE_THE_RECORD_WAS_KEPT)])
    migrate(newest)

    assert list(SubTeamMember.objects.values_list("pk", "left_at")) == [(back.pk, None)]
