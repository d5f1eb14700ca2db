"""The sweep that moves every page on by itself, when its moment has come."""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F

from accounts.actor import MUSTER
from comms.actions.engine import record_tick
from core.live import gathered
from escalation.actions.holding import hold, note_release
from escalation.actions.page.silence import watch_answered
from escalation.actions.page.start import release_page
from escalation.actions.ringing import take_steps_of
from escalation.enums import PageStatus
from escalation.models import Page

logger = logging.getLogger(__name__)

SWEEP = "escalation.advance_due_pages"
AFTER_A_FAILURE = timedelta(seconds=10)


def advance_due_pages(*, now: datetime, batch: int = 50) -> int:
    """The sweep: take the due steps of up to `batch` pages, the longest due first; how many were advanced.

    All in one transaction, their rows claimed with skip_locked, so two sweeps never ring twice. When that fails, each
    page has a transaction of its own; one that fails there is logged, looked at again in 10 s and stops no other.
    Pages move with a clock that was set back.
    """
    record_tick(SWEEP, now=now, move=partial(_move_waiting, now=now))
    due = Page.objects.filter(wake_at__lte=now).order_by("wake_at", "pk").values_list("pk", flat=True)
    parts = [found] if (found := list(due[:batch])) else []
    advanced = 0
    while parts:
        part = parts.pop(0)
        try:
            advanced += _advance(part, now)
        except Exception:  # the row loop of a sweep: one page's failure never stops the others
            if len(part) > 1:
                parts += [[pk] for pk in part]
                continue
            logger.exception("The page with id %s could not be advanced.", part[0])
            Page.objects.filter(pk__in=part, wake_at__lte=now).update(wake_at=now + AFTER_A_FAILURE)
    return advanced


def _move_waiting(jump: timedelta, *, now: datetime) -> None:
    """Each page goes on when it would have, had the clock not been set back by `jump`.

    One that maintenance holds waits on: people have said by the clock on the wall when that is over.
    """
    waiting = Page.objects.filter(wake_at__gt=now).exclude(held_until=F("wake_at"))
    waiting.update(wake_at=F("wake_at") - jump)


@transaction.atomic
@gathered()
def _advance(pks: list[int], now: datetime) -> int:
    """Advance those of `pks` that are due and nobody else's, in the order of their subjects: two sweeps that write to
    the same records come to them in the same order."""
    rows = Page.objects.select_for_update(skip_locked=True, of=("self",)).select_related("service", "audience")
    advanced, ringing = 0, []
    for page in rows.filter(pk__in=pks, wake_at__lte=now).order_by("subject_key", "wake_at", "pk"):
        if hold(page, now=now):
            continue
        advanced += 1
        if page.status == PageStatus.HELD:
            release_page(page, by=MUSTER, now=now)
        elif page.status == PageStatus.ACKNOWLEDGED:
            watch_answered(page, now=now)
        else:
            ringing.append(page)
    note_release(ringing, now=now)
    take_steps_of(ringing, now=now)
    return advanced
