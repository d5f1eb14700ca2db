"""Doors of the beat: one sweep each."""

from celery import shared_task
from django.utils import timezone

from incidents.actions.command import sweep_command
from incidents.actions.digest import mail_digests
from incidents.actions.promise_sweep import sweep_promises


@shared_task(name="incidents.sweep_promises")
def sweep_promises_task() -> int:
    """Raises take effect, promises are reminded, broken, escalated."""
    return sweep_promises(now=timezone.now())


@shared_task(name="incidents.sweep_command")
def sweep_command_task() -> int:
    """Backups are rung where nobody commands or who does is silent; who commands for long is asked to hand over."""
    return sweep_command(now=timezone.now())


@shared_task(name="incidents.mail_digests")
def mail_digests_task() -> int:
    """Everybody is told in the morning what they owe."""
    return mail_digests(now=timezone.now())
