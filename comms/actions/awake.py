"""“I am awake” and “I go to sleep”."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.actor import Actor
from accounts.enums import TokenScope
from accounts.models import User
from comms.models import AwakeSpan
from comms.models.awake import LONGEST
from core.errors import InvalidInput, NotAllowed

USUAL = timedelta(hours=2)


@transaction.atomic
def start_awake(*, by: Actor, now: datetime, lasts: timedelta = USUAL) -> AwakeSpan:
    """Keep that `by` is awake for `lasts` from `now`; a span that ran is replaced, so a second press begins anew.

    Each page's first message rings them all the same; repeats of pages they have seen come quietly and bundled
    (comms/plan.py). Touches no message that waits already. Raises NotAllowed for Muster and for a token that only
    reads, InvalidInput for more than 12 hours.
    """
    user = _person(by)
    if not timedelta(0) < lasts <= LONGEST:
        raise InvalidInput("Nobody is awake for more than 12 hours; say it again when you are.", field="lasts")
    _close(user, now)
    return AwakeSpan.objects.create(user=user, starts_at=now, ends_at=now + lasts)


@transaction.atomic
def end_awake(*, by: Actor, now: datetime) -> None:
    """From `now` on everything rings `by` as ever. Who is not awake loses nothing. Raises NotAllowed."""
    _close(_person(by), now)


def _person(by: Actor) -> User:
    if by.user is None or by.scope == TokenScope.READ:
        raise NotAllowed("Only a person says that they are awake, each for themselves.")
    return User.objects.select_for_update().get(pk=by.user.pk)  # two presses at once wait for each other here


def _close(user: User, now: datetime) -> None:
    for span in AwakeSpan.objects.filter(user=user, ended_at__isnull=True):
        span.ended_at = min(now, span.ends_at)
        span.save(update_fields=["ended_at"])
