"""The bell that beat rings for pages: a door with no handle inside."""

from celery import shared_task
from django.utils import timezone

from escalation.actions.page import SWEEP, advance_due_pages


@shared_task(name=SWEEP)
def advance_due_pages_task() -> int:
    """Take the steps that are due now."""
    return advance_due_pages(now=timezone.now())
