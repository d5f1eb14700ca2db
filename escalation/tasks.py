"""The bells that beat rings for escalation: doors with no handle inside."""

from celery import shared_task
from django.utils import timezone

from escalation.actions.calendar_source import SWEEP as CALENDAR_SWEEP
from escalation.actions.calendar_source import read_due_calendars
from escalation.actions.health import SWEEP as HEALTH_SWEEP
from escalation.actions.health import report_health
from escalation.actions.incoming_sweep import SWEEP as INCOMING_SWEEP
from escalation.actions.incoming_sweep import settle_waiting_answers
from escalation.actions.page import SWEEP, advance_due_pages
from escalation.actions.plan_b import SWEEP as PLAN_B_SWEEP
from escalation.actions.plan_b import mail_plan_b
from escalation.actions.shift_notice import SWEEP as NOTICE_SWEEP
from escalation.actions.shift_notice import notice_shifts
from escalation.actions.swap import SWEEP as SWAP_SWEEP
from escalation.actions.swap import follow_up_swaps
from escalation.actions.tidying import SWEEP as TIDY_SWEEP
from escalation.actions.tidying import tidy_ended_pages


@shared_task(name=SWEEP)
def advance_due_pages_task() -> int:
    """Take the steps that are due now."""
    return advance_due_pages(now=timezone.now())


@shared_task(name=INCOMING_SWEEP)
def settle_waiting_answers_task() -> int:
    """Read what came in and could not be read at its door."""
    return settle_waiting_answers(now=timezone.now())


@shared_task(name=SWAP_SWEEP)
def follow_up_swaps_task() -> int:
    """Remind of the swaps that nobody has taken."""
    return follow_up_swaps(now=timezone.now())


@shared_task(name=NOTICE_SWEEP)
def notice_shifts_task() -> int:
    """Say which shifts begin soon, begin, or are over."""
    return notice_shifts(now=timezone.now())


@shared_task(name=HEALTH_SWEEP)
def report_health_task() -> int:
    """Tell how schedules stand whose Monday morning has come."""
    return report_health(now=timezone.now())


@shared_task(name=CALENDAR_SWEEP)
def read_due_calendars_task() -> int:
    """Read the calendars whose time has come."""
    return read_due_calendars(now=timezone.now())


@shared_task(name=TIDY_SWEEP)
def tidy_ended_pages_task() -> int:
    """Delete what only pages that go on ask for, of those that ended long ago."""
    return tidy_ended_pages(now=timezone.now())


@shared_task(name=PLAN_B_SWEEP)
def mail_plan_b_task() -> int:
    """Mail plan B anew when the last sheet is no longer true."""
    return mail_plan_b(now=timezone.now())
