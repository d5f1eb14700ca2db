"""What changed before it began: deployments of the affected services, the newest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from incidents.models import AffectedService, Deployment, Incident
from incidents.queries.gathered import row_of

LOOKED_BACK = timedelta(hours=24)
MOST = 12


@dataclass(frozen=True)
class Change:
    """One deployment; `is_nearest` marks the last one before it began."""

    deployment: Deployment
    is_nearest: bool


def recent_deployments() -> QuerySet[Deployment]:
    """For a query of incidents: the newest of their affected services, from a day before each began on."""
    began = Coalesce(OuterRef("impact_began_at"), OuterRef("declared_at"))
    since = ExpressionWrapper(began - Value(LOOKED_BACK), output_field=DateTimeField())
    affected = AffectedService.objects.filter(incident=OuterRef(OuterRef("pk"))).values("service")
    of_them = Q(service=OuterRef("service")) | Q(service__in=affected)
    return Deployment.objects.filter(of_them, deployed_at__gte=since).order_by("-deployed_at", "-pk")[:MOST]


def changes_of(incident: Incident, found: Iterable[Mapping[str, Any]]) -> list[Change]:
    """What was gathered for `incident`, with the last one before it began marked."""
    began = incident.impact_began_at or incident.declared_at
    rows = [row_of(Deployment, row) for row in found]
    nearest = next((row for row in rows if row.deployed_at <= began), None)
    return [Change(row, row is nearest) for row in rows]
