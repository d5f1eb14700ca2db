"""Stop pages whose subject is over, or one that nobody needs any more."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.signals import announce
from escalation.actions.ringing import become, withdraw_rings
from escalation.enums import PageStatus
from escalation.models import Page, Policy
from escalation.signals import page_stopped


@transaction.atomic
def stop_pages(
    subject_key: str,
    *,
    by: Actor,
    now: datetime,
    reason: str,
    policies: Collection[Policy] | None = None,
    group: str = "",
) -> int:
    """The subject is over: stop every page of it that still looks for somebody; how many those were.

    What was answered stays answered, but never rings again. Takes back all waiting pages to anybody about it. With
    `policies` it goes on, and only ringing pages of those are stopped, because others take their place; with `group`
    only those of that group, which nobody needs any more. Announces page_stopped for each that rang. Guards nothing:
    the caller's noun is what is over.
    """
    rows = Page.objects.select_for_update().filter(subject_key=subject_key, stopped_at__isnull=True).order_by("pk")
    rows = rows if policies is None else rows.unanswered().filter(policy__in=policies)
    return _stop(list(rows.unanswered().filter(group=group) if group else rows), by=by, now=now, reason=reason)


@transaction.atomic
def stop_if_free(page: int, *, by: Actor, now: datetime, reason: str) -> bool:
    """Stop the page with this id, as stop_pages does, unless somebody holds it at this moment; whether it is over.

    Waits for no lock: for a caller that already holds what is locked after a page.
    """
    row = Page.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=page).first()
    if row is not None and row.stopped_at is None:
        _stop([row], by=by, now=now, reason=reason)
    return row is not None


def _stop(pages: Sequence[Page], *, by: Actor, now: datetime, reason: str) -> int:
    stopped = [page for page in pages if page.status != PageStatus.ACKNOWLEDGED]
    for page in pages:
        page.stopped_at, page.stop_reason = now, reason[:200]
        page.wake_at, page.nudged_at = None, None
        if page in stopped:
            become(page, PageStatus.STOPPED)
        page.save(update_fields=["status", "wake_at", "nudged_at", "stopped_at", "stop_reason"])
        withdraw_rings(page, f"The page was stopped: {reason}", now=now, user=None)
    for page in stopped:
        announce(page_stopped, Page, page=page, by=by, reason=reason, now=now)
    return len(stopped)
