"""What is said about something that has become private, or is public again."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import Audience
from comms.actions.message.outbox import strip_messages, take_back
from comms.models import DiscreetSubject, Message


@transaction.atomic
def close_messages(*, now: datetime, subject_key: str, audience: Audience, reason: str) -> int:
    """All that is said about `subject_key` is for `audience` alone; how many messages that waited never leave.

    Those to standing channels, to addresses and to people outside become NOT_SENT with `reason`; the others leave
    without their words where those show (strip_messages). What waits for somebody outside and is about other things
    too leaves without its body. What was sent is hidden from others, and stays sent. What comes later is held back by
    queue_message itself, which is told the audience. Guards nothing: the caller does.
    """
    rows = Message.objects.filter(subject_key=subject_key)
    rows.update(audience=audience)
    strip_messages(now=now, subject_key=subject_key)
    outside = Q(user__isnull=True) | ~Q(user__in=audience.entries.values("user"))
    Message.objects.unsent().naming(subject_key).filter(outside).update(body="")
    return take_back(rows.filter(outside), reason, now)


@transaction.atomic
def open_messages(*, subject_key: str) -> None:
    """Everybody may know of `subject_key` again: words show where they did. What was held back stays so."""
    rows = Message.objects.filter(subject_key=subject_key)
    rows.update(audience=None)
    rows.unsent().update(is_discreet=False)
    DiscreetSubject.objects.filter(subject_key=subject_key).delete()
