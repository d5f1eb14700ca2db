"""Which maintenance runs, comes and was, and how long a machine's page has to wait for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Max, Q, prefetch_related_objects

from core.prepared import Given, Prepared
from escalation.models import MaintenanceWindow, Service
from escalation.models.maintenance import LONGEST

LISTED = 20
NOW: Any = Given("now", DateTimeField())
RUNNING = Prepared(
    lambda: MaintenanceWindow.objects.running(NOW).select_related("created_by").order_by("ends_at", "pk")
)


@dataclass(frozen=True)
class MaintenanceBoard:
    """The windows as their page lists them: those that hold pages now, those that will, the last ones that did."""

    running: list[MaintenanceWindow]
    coming: list[MaintenanceWindow]
    over: list[MaintenanceWindow]


def maintenance_board(now: datetime) -> MaintenanceBoard:
    """Every window that counts, and the last twenty that do not any more, in six queries."""
    rows = MaintenanceWindow.objects.select_related("created_by", "ended_by", "extended_by").prefetch_related(
        "services"
    )
    return MaintenanceBoard(
        running=list(rows.running(now).order_by("ends_at", "pk")),
        coming=list(rows.coming(now).order_by("starts_at", "pk")),
        over=list(rows.over(now)[:LISTED]),
    )


def running_maintenance(now: datetime) -> list[MaintenanceWindow]:
    """The windows that hold pages at `now`, with their services: two queries, one when there is none."""
    rows = RUNNING.rows(now=now)
    prefetch_related_objects(rows, "services")
    return rows


def maintenance_until(service: Service | None, now: datetime) -> datetime | None:
    """The end of the last window that holds pages about `service` at `now`, or None. At most one query."""
    if service is None:
        return None
    ends: datetime | None = service.maintenance_windows.running(now).aggregate(last=Max("ends_at"))["last"]
    return ends


def with_maintenance(services: Any, now: datetime) -> Any:
    """`services` (a QuerySet), each with `maintenance_ends_at`: until when it is in maintenance, or None."""
    running = Q(
        maintenance_windows__starts_at__lte=now,
        maintenance_windows__ends_at__gt=now,
        maintenance_windows__ended_at__isnull=True,
    )
    return services.annotate(maintenance_ends_at=Max("maintenance_windows__ends_at", filter=running))


def held_until(service: Service | None, *, began_at: datetime, now: datetime) -> datetime | None:
    """Until when a page that a machine started at `began_at` about `service` waits, or None when it does not.

    However many windows follow each other, no page waits longer than four hours after it began.
    """
    until = maintenance_until(service, now)
    if until is None or now >= began_at + LONGEST:
        return None
    return min(until, began_at + LONGEST)
