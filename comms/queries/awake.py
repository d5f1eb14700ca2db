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
