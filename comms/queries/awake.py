"""Who is awake, until when, and since when."""

from datetime import datetime

from accounts.models import User
from comms.models import AwakeSpan


def awake_span(user: User, now: datetime) -> AwakeSpan | None:
    """The span in which `user` is awake at `now`, or None. One query."""
    return AwakeSpan.objects.running(now).filter(user=user).first()
