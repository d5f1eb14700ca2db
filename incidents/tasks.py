"""Doors of the beat: one sweep each."""

from celery import shared_task
from django.utils import timezone

from incidents.actions.promise_sweep import sweep_promises


@shared_task(name="incidents.sweep_promises")
def sweep_promises_task() -> int:
    """Raises take effect, promises are reminded, broken, escalated."""
    return sweep_promises(now=timezone.now())
