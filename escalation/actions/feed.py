"""Calendar feeds: made, given a new address, revoked; and the note of when one was read."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from core.errors import NotAllowed, WrongState
from escalation.models import CalendarFeed, Schedule
from escalation.permissions import check_can_change_feed, check_can_make_feed

READ_NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def create_feed(
    *, by: Actor, now: datetime, schedule: Schedule | None = None, reminders: Sequence[int] = ()
) -> tuple[CalendarFeed, str]:
    """Make a feed of all of `by`'s shifts, or of `schedule`; its address is returned here and never again.

    Raises NotAllowed, and WrongState when `by` has one of the same already.
    """
    check_can_make_feed(by)
    if by.user is None:
        raise NotAllowed("A calendar feed belongs to a person.")
    # Two presses at once wait for each other here.
    User.objects.select_for_update(of=("self",)).get(pk=by.user.pk)
    if CalendarFeed.objects.filter(user=by.user, schedule=schedule, revoked_at__isnull=True).exists():
        raise WrongState("You have this feed already; give it a new address, or revoke it.")
    return _make(CalendarFeed(user=by.user, schedule=schedule, reminders=sorted(set(reminders))), now)


@transaction.atomic
def renew_feed(feed: CalendarFeed, *, by: Actor, now: datetime) -> tuple[CalendarFeed, str]:
    """Revoke `feed` and make the same with a new address, which is returned. Raises what revoke_feed raises."""
    feed = revoke_feed(feed, by=by, now=now)
    return _make(CalendarFeed(user=feed.user, schedule=feed.schedule, reminders=feed.reminders), now)


@transaction.atomic
def revoke_feed(feed: CalendarFeed, *, by: Actor, now: datetime) -> CalendarFeed:
    """End `feed`: its address answers with a refusal from now on. Raises NotAllowed, WrongState the second time."""
    check_can_change_feed(feed, by)
    feed = CalendarFeed.objects.select_for_update(of=("self",)).select_related("user", "schedule").get(pk=feed.pk)
    if feed.revoked_at is not None:
        raise WrongState("This feed was revoked before.")
    feed.revoked_at = now
    feed.save(update_fields=["revoked_at"])
    return feed


def note_feed_read(feed: CalendarFeed, *, digest: str, now: datetime) -> CalendarFeed:
    """Remember, at most once an hour, that `feed` was read, and at once that its content is another than before."""
    fields: dict[str, object] = {}
    if feed.content_digest != digest or feed.changed_at is None:
        fields |= {"content_digest": digest, "changed_at": now, "read_at": now}
    elif feed.read_at is None or feed.read_at <= now - READ_NOTED_EVERY:
        fields |= {"read_at": now}
    if fields:
        CalendarFeed.objects.filter(pk=feed.pk).update(**fields)
        feed.refresh_from_db(fields=list(fields))
    return feed


def _make(feed: CalendarFeed, now: datetime) -> tuple[CalendarFeed, str]:
    secret = secrets.token_urlsafe(32)
    feed.prefix, feed.created_at = secrets.token_hex(6), now
    feed.digest = hashlib.sha256(secret.encode()).hexdigest()
    feed.save()
    return feed, f"{feed.prefix}-{secret}"
