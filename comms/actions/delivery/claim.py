"""Who may send what: a lease on each row that is due, and one more attempt of it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Case, F, Value, When

from comms.actions.delivery.ending import ATTEMPTS, end, give_up, save_ends
from comms.actions.throttle import throttle
from comms.enums import DeliveryOutcome, MessageStatus, Transport
from comms.models import Delivery, Message
from core.prepared import insert_all

LEASE = timedelta(seconds=20)
# After so long a send counts as failed, whatever it still does: always before its lease is over.
SEND_LIMIT = timedelta(seconds=15)
# One channel (the mail server, one address of another transport) never takes more of them: the others go on.
AT_ONCE_PER_CHANNEL = 4
LOOK_AT = 200

CHANNEL = Case(When(transport=Transport.EMAIL, then=Value("email")), default=F("address"))
# Pages go first, and among them those that were not tried yet: "urgent" sorts after "normal".
ORDER = ("-urgency", "attempts", "deliver_after", "pk")


@dataclass(frozen=True)
class Claim:
    """One message on lease with its running attempt."""

    message: Message
    delivery: Delivery
    channel: str
    began: float = field(default_factory=lambda: monotonic())

    @property
    def is_overdue(self) -> bool:
        """Whether it has taken longer than any send may."""
        return monotonic() - self.began > SEND_LIMIT.total_seconds()


def claim_due(*, now: datetime, limit: int, running: Collection[Claim] = ()) -> list[Claim]:
    """Take a lease on up to `limit` due rows and write their attempts, in the order in which they shall leave.

    `running` are the claims under way: no channel gets more than four in all. An attempt that a dead worker left
    behind is marked LOST. A row that has had all its attempts ends as NOT_SENT; repeats are held and bundled. One
    transaction; none when nothing is due.
    """
    chosen = _choose(now, limit, Counter(claim.channel for claim in running)) if limit > 0 else []
    return _lease(chosen, now) if chosen else []


def _choose(now: datetime, limit: int, busy: Counter[str]) -> list[int]:
    """The ids of what may leave now, looking no further than the first few hundred that could."""
    full = [channel for channel, count in busy.items() if count >= AT_ONCE_PER_CHANNEL]
    rows = Message.objects.due(now).order_by(*ORDER)
    if full:
        rows = rows.alias(channel=CHANNEL).exclude(channel__in=full)
    taken, chosen = Counter(busy), list[int]()
    for message in rows.only("transport", "address")[:LOOK_AT]:
        channel = channel_of(message)
        if taken[channel] < AT_ONCE_PER_CHANNEL and len(chosen) < limit:
            taken[channel] += 1
            chosen.append(message.pk)
    return chosen


@transaction.atomic
def _lease(chosen: Collection[int], now: datetime) -> list[Claim]:
    """Claim those of `chosen` that are still due and nobody else's."""
    rows = Message.objects.due(now).filter(pk__in=chosen).select_for_update(skip_locked=True, of=("self",))
    messages = list(rows.select_related("user", "subscription", "contact_point").order_by(*ORDER))
    tried = [message for message in messages if message.attempts]
    if tried:
        Delivery.objects.filter(message__in=tried, outcome=DeliveryOutcome.RUNNING).update(
            outcome=DeliveryOutcome.LOST, ended_at=now, detail="The worker ended before it could say what came of it."
        )
    messages = throttle(messages, now=now)
    for message in messages:
        if message.attempts >= ATTEMPTS:
            give_up(message, f"No worker survived its {ATTEMPTS} attempts.", now)
            message.save(update_fields=["status", "not_sent_reason", "not_sent_at", "lease_until"])
    wanted = [message for message in messages if message.status == MessageStatus.WAITING]
    for message in wanted:
        message.attempts, message.lease_until = message.attempts + 1, now + LEASE
    Message.objects.filter(pk__in=[message.pk for message in wanted]).update(
        attempts=F("attempts") + 1, lease_until=now + LEASE
    )
    attempts = [
        Delivery(message=message, number=message.attempts, transport=message.transport, started_at=now)
        for message in wanted
    ]
    return [Claim(one.message, one, channel_of(one.message)) for one in insert_all(attempts)]


def channel_of(message: Message) -> str:
    """As CHANNEL has it."""
    return Transport.EMAIL if message.transport == Transport.EMAIL else message.address


def still_wanted(claims: list[Claim], *, now: datetime) -> list[Claim]:
    """The claims whose message was not withdrawn since; of the others the attempt is ended, and nothing leaves."""
    if not claims:
        return []
    withdrawn = dict(
        Message.objects.filter(pk__in=[claim.message.pk for claim in claims])
        .exclude(status=MessageStatus.WAITING)
        .values_list("pk", "not_sent_reason")
    )
    for claim in claims:
        if claim.message.pk in withdrawn:
            detail = f"Withdrawn before it left: {withdrawn[claim.message.pk]}"
            end(claim.delivery, DeliveryOutcome.FAILED, detail, now)
    save_ends([claim.delivery for claim in claims if claim.message.pk in withdrawn])
    return [claim for claim in claims if claim.message.pk not in withdrawn]
