"""What rings because a promise is late ends with it: in the transaction that keeps, withdraws or moves the promise.

A page is locked before its incident, which whoever keeps a promise holds already. So nobody waits for a page here: one
that is held at this moment, by an answer or by its next step, is left to the sweep, which takes the page first.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.actor import Actor
from escalation.actions.page import stop_if_free
from incidents.models import Incident, Promise

SETTLED = Q(kept_at__isnull=False) | Q(withdrawn_at__isnull=False)


def due_rings() -> QuerySet[Promise]:
    """Promises that are kept or withdrawn, and something still rings about them."""
    return Promise.objects.filter(SETTLED, page__isnull=False)


def stop_rings(incident: Incident, *, by: Actor, now: datetime) -> None:
    """Nobody is rung any more about what was kept or withdrawn in a locked incident; the timeline says why."""
    for promise in due_rings().filter(incident=incident):
        stop_ring(promise, by=by, now=now)


@transaction.atomic
def stop_ring(promise: Promise, *, by: Actor, now: datetime, reason: str = "") -> bool:
    """Stop what rings about `promise`, unless somebody holds that page at this moment; whether it is over.

    The `reason` that is kept is why it was withdrawn, or that it is done, unless given.
    """
    reason = reason or promise.withdrawn_reason or "it is done"
    if promise.page_id is not None and stop_if_free(promise.page_id, by=by, now=now, reason=reason):
        Promise.objects.filter(pk=promise.pk).update(page=None)
        promise.page = None
    return promise.page_id is None
