"""Temporary schedules that still count."""

from datetime import datetime

from django.db.models import QuerySet

from escalation.models import Schedule, TemporarySchedule


def temporary_ahead(schedule: Schedule, now: datetime) -> QuerySet[TemporarySchedule]:
    """Those of `schedule` that are neither over nor cancelled, the next one first."""
    return (
        TemporarySchedule.objects.filter(schedule=schedule, ends_at__gt=now, cancelled_at__isnull=True)
        .select_related("created_by")
        .order_by("starts_at", "pk")
    )
