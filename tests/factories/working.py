"""What people do about an incident: tasks, hypotheses, decisions, mitigations; and what they know around it."""

from datetime import timedelta

import factory

from incidents.enums import LineKind, ServiceState
from incidents.models import (
    AffectedService,
    CustomerReport,
    Decision,
    Deployment,
    Hypothesis,
    HypothesisLine,
    Mitigation,
    Task,
)
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.rows import RowFactory


class TaskFactory(RowFactory[Task]):
    """Something that somebody was asked to do, without a moment."""

    class Meta:
        model = Task

    incident = factory.SubFactory(IncidentFactory)
    number = factory.Sequence(lambda number: number + 1)
    text = "Roll back to 1.4"
    owner = factory.SubFactory(UserFactory)
    made_at = NOW


class HypothesisFactory(RowFactory[Hypothesis]):
    """An idea that nobody has looked at yet."""

    class Meta:
        model = Hypothesis

    incident = factory.SubFactory(IncidentFactory)
    number = factory.Sequence(lambda number: number + 1)
    text = "The new detector blocks ordinary requests"
    made_at = NOW
    changed_at = factory.SelfAttribute("made_at")


class HypothesisLineFactory(RowFactory[HypothesisLine]):
    """One piece of evidence."""

    class Meta:
        model = HypothesisLine

    hypothesis = factory.SubFactory(HypothesisFactory)
    number = factory.Sequence(lambda number: number + 1)
    kind = LineKind.EVIDENCE
    text = "It began with the deploy of 14:10"
    at = NOW


class DecisionFactory(RowFactory[Decision]):
    """A decision that nobody looks at again."""

    class Meta:
        model = Decision

    incident = factory.SubFactory(IncidentFactory)
    number = factory.Sequence(lambda number: number + 1)
    text = "Fail over to the replica"
    made_at = NOW


class MitigationFactory(RowFactory[Mitigation]):
    """A way to stop the bleeding whose outcome is not known yet."""

    class Meta:
        model = Mitigation

    incident = factory.SubFactory(IncidentFactory)
    number = factory.Sequence(lambda number: number + 1)
    name = "Roll back"
    command = "helm rollback api 4"
    started_at = NOW


class DeploymentFactory(RowFactory[Deployment]):
    """A version that went out half an hour before NOW, as CI says."""

    class Meta:
        model = Deployment

    service = factory.SubFactory(ServiceFactory)
    version = factory.Sequence(lambda number: f"1.{number}")
    deployed_at = NOW - timedelta(minutes=30)
    recorded_at = factory.SelfAttribute("deployed_at")


class AffectedServiceFactory(RowFactory[AffectedService]):
    """A service that is down."""

    class Meta:
        model = AffectedService

    incident = factory.SubFactory(IncidentFactory)
    service = factory.SubFactory(ServiceFactory)
    state = ServiceState.DOWN
    set_at = NOW


class CustomerReportFactory(RowFactory[CustomerReport]):
    """A customer who says nothing else."""

    class Meta:
        model = CustomerReport

    incident = factory.SubFactory(IncidentFactory)
    at = NOW
    by = factory.SubFactory(UserFactory)
