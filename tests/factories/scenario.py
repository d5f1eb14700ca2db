"""What a scenario leaves in an incident: flags, runbooks taken up, rows of the matrix."""

from datetime import timedelta

import factory

from incidents.models import IncidentEscalation, IncidentFlag, IncidentRunbook
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.ladder import EscalationRuleFactory, RunbookFactory
from tests.factories.rows import RowFactory


class IncidentFlagFactory(RowFactory[IncidentFlag]):
    """A flag that somebody raised at NOW and that is up."""

    class Meta:
        model = IncidentFlag

    incident = factory.SubFactory(IncidentFactory)
    flag = factory.Sequence(lambda number: f"flag-{number}")
    name = "The API is concerned"
    raised_at = NOW
    raised_by = factory.SubFactory(UserFactory)


class IncidentRunbookFactory(RowFactory[IncidentRunbook]):
    """A runbook of the incident's own version, taken up at NOW."""

    class Meta:
        model = IncidentRunbook

    incident = factory.SubFactory(IncidentFactory)
    runbook = factory.SubFactory(RunbookFactory, version=factory.SelfAttribute("..incident.level.version"))
    taken_up_at = NOW
    taken_up_by = factory.SubFactory(UserFactory)


class IncidentEscalationFactory(RowFactory[IncidentEscalation]):
    """A rule that fires 30 minutes after NOW."""

    class Meta:
        model = IncidentEscalation

    incident = factory.SubFactory(IncidentFactory)
    rule = factory.SubFactory(EscalationRuleFactory, version=factory.SelfAttribute("..incident.level.version"))
    due_at = NOW + timedelta(minutes=30)
