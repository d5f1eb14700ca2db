"""Overrides that still count."""

from datetime import datetime

from django.db.models import QuerySet

from escalation.models import Override, Schedule


def overrides_ahead(schedule: Schedule, now: datetime) -> QuerySet[Override]:
    """Those of `schedule` that are neither over nor cancelled, the next one first, with the people they name."""
    return (
        Override.objects.filter(schedule=schedule, ends_at__gt=now, cancelled_at__isnull=True)
        .select_related("user", "replaced", "created_by")
        .order_by("starts_at", "pk")
    )
