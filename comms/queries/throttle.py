"""What the throttles ask: what else is told of the same series, what left for an address, what waits for it."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime, timedelta

from django.db.models import Q

from comms.enums import MessageStatus
from comms.models import ContactPoint, Message
from comms.plan import Post
from comms.plan.throttle import LONGEST, Told
from comms.queries.awake import awake_spans

MOST = 1000
CLOCKS_DIFFER = timedelta(minutes=1)
FIELDS = [field.name for field in fields(Told)]


def told_of(messages: Collection[Message], now: datetime) -> list[Told]:
    """The other rows of the series of `messages`, to the same people, that were sent or are due. One query."""
    series, users = {m.series for m in messages}, {m.user_id for m in messages}
    rows = (
        Message.objects.filter(series__in=series, user__in=users)
        .filter(Q(status=MessageStatus.SENT) | Q(status=MessageStatus.WAITING, deliver_after__lte=now))
        .exclude(pk__in=[message.pk for message in messages])
        .annotate(is_sent=Q(status=MessageStatus.SENT), is_due=Q(status=MessageStatus.WAITING))
        .values(*FIELDS)
    )
    return [Told(**row) for row in rows]


def left_for(points: Collection[int], now: datetime) -> dict[int, list[datetime]]:
    """{contact point id: when messages were handed over to it, as far back as any throttle looks}. One query.

    What left by a clock that was set back since holds nothing up: nobody knows how long ago that was.
    """
    found: dict[int, list[datetime]] = {point: [] for point in points}
    rows = Message.objects.filter(contact_point__in=points, status=MessageStatus.SENT, sent_at__gt=now - LONGEST)
    rows = rows.filter(sent_at__lt=now + CLOCKS_DIFFER)
    for point, sent_at in rows.values_list("contact_point_id", "sent_at"):
        if point is not None and sent_at is not None:
            found[point].append(sent_at)
    return found


def due_at(points: Collection[int], now: datetime) -> list[Message]:
    """The rows, locked here, that are due at these contact points and were not tried yet; a thousand at most."""
    rows = Message.objects.due(now).filter(contact_point__in=points, attempts=0)
    rows = rows.select_related("user", "subscription", "contact_point").order_by("created_at", "pk")
    return list(rows.select_for_update(skip_locked=True, of=("self",))[:MOST])


def post_of(points: Collection[ContactPoint], at: datetime, until: datetime) -> Post:
    """How the post office stands at `at` for these points, as far as rows say it now. Four queries at most, no lock.

    What waits is what was written by `at` and wants to leave by `until`. What other pages have yet to ring is no row.
    """
    pks, users = [point.pk for point in points], {point.user_id for point in points}
    if not pks:
        return Post()
    rows = Message.objects.unsent().filter(contact_point__in=pks, attempts=0, created_at__lte=at)
    waiting = list(rows.filter(deliver_after__lte=until).order_by("created_at", "pk"))
    left = {point: [moment for moment in moments if moment <= at] for point, moments in left_for(pks, at).items()}
    told = told_of(waiting, at) if waiting else []
    return Post(left, waiting, told, awake_spans(users, at, until))
