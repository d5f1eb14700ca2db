"""The morning mail: at 08:00 of their own zone everybody who owes something is told what, once a day."""

import logging
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from comms.actions.engine import record_tick
from comms.actions.message import queue_message
from comms.enums import MessageKind, Transport
from comms.models import ContactPoint
from core.moments import show_near
from core.wall import instant
from incidents.models import Digest
from incidents.queries.me import MyRow, owed_of

SWEEP = "incidents.mail_digests"
AT = time(8)
TOO_LATE = timedelta(hours=4)  # after a long stop of the engine nobody gets a morning mail in the evening
KEPT_FOR = timedelta(days=30)
BATCH, MOST = 100, 20
logger = logging.getLogger(__name__)


def mail_digests(*, now: datetime) -> int:
    """Settle every morning that has come, and set the next one of everybody; how many were settled.

    One that fails is logged and tried again at the next tick.
    """
    plan_mornings(now=now)
    due = Digest.objects.filter(settled_at__isnull=True, wake_at__lte=now).order_by("wake_at")
    settled = 0
    for pk in due.values_list("pk", flat=True)[:BATCH]:
        try:
            settled += settle_morning(pk, now=now)
        except Exception:  # one person must not stop the others: the row stays due and its trace is kept
            logger.exception("The morning mail %s failed; the next tick tries again.", pk)
    record_tick(SWEEP, now=now)
    return settled


@transaction.atomic
def plan_mornings(*, now: datetime) -> None:
    """Everybody who is active and has no morning to come gets one, the first 08:00 of their zone after `now`.

    What was settled a month ago is deleted.
    """
    waiting = Digest.objects.filter(user=OuterRef("pk"), settled_at__isnull=True)
    people = list(User.objects.filter(~Exists(waiting), is_active=True))
    if not people:
        return
    Digest.objects.bulk_create([_next_morning(user, now) for user in people], ignore_conflicts=True)
    Digest.objects.filter(settled_at__lt=now - KEPT_FOR).delete()


def _next_morning(user: User, now: datetime) -> Digest:
    day = now.astimezone(user.zone).date()
    if instant(datetime.combine(day, AT), user.zone) <= now:
        day += timedelta(days=1)
    return Digest(user=user, day=day, wake_at=instant(datetime.combine(day, AT), user.zone))


@transaction.atomic
def settle_morning(pk: int, *, now: datetime) -> bool:
    """Mail one person what they owe, if it is anything, and the day is done. Returns False when somebody else has it.

    Whoever has moved to a zone where it is not 08:00 yet waits for it. Of a private incident the mail says no words.
    """
    rows = Digest.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
    digest = rows.filter(pk=pk, settled_at__isnull=True, wake_at__lte=now).first()
    if digest is None:
        return False
    morning = instant(datetime.combine(digest.day, AT), digest.user.zone)
    if morning > now:
        digest.wake_at = morning
        digest.save(update_fields=["wake_at"])
        return False
    owes = owed_of(digest.user, now) if digest.user.is_active and now - digest.wake_at < TOO_LATE else []
    digest.settled_at, digest.owed = now, len(owes)
    digest.save(update_fields=["settled_at", "owed"])
    if owes:
        _mail(digest, owes, now=now)
    return True


def _mail(digest: Digest, owes: list[MyRow], *, now: datetime) -> None:
    """By mail where they have an address that is switched on, else as they are reached for what is not urgent."""
    points = ContactPoint.objects.filter(user=digest.user, transport=Transport.EMAIL, is_enabled=True)
    count = "1 thing" if len(owes) == 1 else f"{len(owes)} things"
    lines = [_line(one, digest.user, now) for one in owes[:MOST]]
    more = [f"- and {len(owes) - MOST} more"] if len(owes) > MOST else []
    queue_message(
        now=now,
        to=points.order_by("verified_at", "pk").first() or digest.user,
        kind=MessageKind.NOTICE,
        dedup_key=f"digest:{digest.user_id}:{digest.day}",
        subject=f"You owe {count}",
        body="\n".join([*lines, *more]),
        link="/me/",
        facts={
            "event": "digest",
            "owed": len(owes),
            "about": list(dict.fromkeys(one.incident.subject_key for one in owes[:MOST])),
        },
    )


def _line(one: MyRow, user: User, now: datetime) -> str:
    reference = one.incident.reference
    if one.incident.audience_id:
        return f"- Something in {reference}, which is private"
    row = one.row
    by = f", by {show_near(row.due_at, now, user.zone)}" if row.due_at else ""
    late = " (late)" if row.tone == "late" and row.due_at else ""
    return f"- {row.what}{by}{late}: {one.incident.level} {one.incident.summary} ({reference})"
