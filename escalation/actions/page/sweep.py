"""The sweep that moves every page on by itself, when its moment has come."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from accounts.actor import MUSTER
from comms.actions.engine import record_tick
from escalation.actions.holding import hold
from escalation.actions.page.silence import watch_answered
from escalation.actions.page.start import release_page
from escalation.actions.ringing import take_steps
from escalation.enums import PageStatus
from escalation.models import Page

logger = logging.getLogger(__name__)

SWEEP = "escalation.advance_due_pages"
AFTER_A_FAILURE = timedelta(seconds=10)


def advance_due_pages(*, now: datetime, batch: int = 50) -> int:
    """The sweep: take the due steps of up to `batch` pages, the longest due first; how many were advanced.

    One transaction a page, its row claimed with skip_locked, so two sweeps never ring twice. A page that fails is
    logged, looked at again in 10 s and stops no other.
    """
    record_tick(SWEEP, now=now)
    due = Page.objects.filter(wake_at__lte=now).order_by("wake_at", "pk").values_list("pk", flat=True)
    advanced = 0
    for pk in list(due[:batch]):
        try:
            advanced += _advance(pk, now)
        except Exception:  # the row loop of a sweep: one page's failure never stops the others
            logger.exception("The page with id %s could not be advanced.", pk)
            Page.objects.filter(pk=pk, wake_at__lte=now).update(wake_at=now + AFTER_A_FAILURE)
    return advanced


@transaction.atomic
def _advance(pk: int, now: datetime) -> bool:
    page = Page.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, wake_at__lte=now).first()
    if page is None:
        return False
    if hold(page, now=now):
        return False
    if page.status == PageStatus.HELD:
        release_page(page, by=MUSTER, now=now)
    elif page.status == PageStatus.ACKNOWLEDGED:
        watch_answered(page, now=now)
    else:
        take_steps(page, now=now)
    return True
