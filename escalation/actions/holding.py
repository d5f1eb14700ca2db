"""What maintenance does to the pages of its services: only those that machines started, and only until it is over.

Called inside the transaction of an action that holds the page's row.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from core.queue import ring
from core.signals import announce
from escalation.models import Page, PageHold, Service
from escalation.queries.maintenance import held_until
from escalation.signals import page_held
from escalation.states import LOOKS_FOR_SOMEBODY

SWEEP = "escalation.advance_due_pages"


def hold(page: Page, *, now: datetime) -> bool:
    """Let the next step of `page` wait for the end of maintenance that runs at `now`; whether there is any.

    A page that rings already goes on at whom it rings, by their own rules: its next steps and its passes wait.
    Announces page_held. Four hours after it began it is held no more.
    """
    until = held_until(page.service, began_at=page.started_at, now=now) if _may_be_held(page) else None
    if until is None or until <= now:
        return False
    page.held_until = page.wake_at = until
    page.save(update_fields=["held_until", "wake_at"])
    note_hold(page, until=until, now=now)
    return True


def note_hold(page: Page, *, until: datetime, now: datetime) -> None:
    """Write down that `page` waits until `until`, after what it waited for before. Announces page_held."""
    note_release([page], now=now)
    PageHold.objects.create(page=page, held_at=now, until=until)
    announce(page_held, Page, page=page, now=now)


def note_release(pages: Iterable[Page], *, now: datetime) -> None:
    """Write down that those of `pages` that maintenance held go on; nothing is asked where none ever was."""
    held = [page.pk for page in pages if page.held_until is not None]
    if held:
        PageHold.objects.filter(page__in=held, released_at__isnull=True).update(released_at=now)


def wake_held(services: Iterable[Service], *, now: datetime) -> int:
    """Look at once at every page about `services` that waits for maintenance; how many those are.

    The sweep takes each in a transaction of its own, and lets those wait on that other maintenance still holds.
    """
    waiting = Page.objects.unanswered().filter(service__in=list(services), held_until=F("wake_at"))
    woken = waiting.update(wake_at=now, held_until=now)
    if woken:
        ring(SWEEP)
    return woken


def _may_be_held(page: Page) -> bool:
    return page.by_machine and page.status in LOOKS_FOR_SOMEBODY
