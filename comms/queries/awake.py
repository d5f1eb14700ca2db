"""Who is awake, until when, and since when."""

from collections.abc import Collection
from datetime import datetime

from accounts.models import User
from comms.models import AwakeSpan


def awake_span(user: User, now: datetime) -> AwakeSpan | None:
    """The span in which `user` is awake at `now`, or None. One query."""
    return AwakeSpan.objects.running(now).filter(user=user).first()


def awake_among(users: Collection[int], now: datetime) -> set[int]:
    """Which of these ids of users are awake at `now`. One query."""
    return set(AwakeSpan.objects.running(now).filter(user__in=users).values_list("user_id", flat=True))


def awake_spans(users: Collection[int], start: datetime, end: datetime) -> list[tuple[int, datetime, datetime]]:
    """(user id, from, until) of the spans of these users that stand and touch [`start`, `end`). One query."""
    rows = AwakeSpan.objects.filter(user__in=users, starts_at__lt=end, ends_at__gt=start, ended_at__isnull=True)
    return list(rows.values_list("user_id", "starts_at", "ends_at"))
