"""Before anything leaves: repeats are held and bundled, and the same words leave once.

Called inside the transaction that claims rows (comms.actions.delivery). What becomes of them is decided in comms/plan.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from comms.enums import MessageKind, MessageStatus
from comms.models import Message
from comms.models.message import BUNDLE
from comms.plan import Send, following, repeats, sends, told_together
from comms.queries.awake import awake_among
from comms.queries.throttle import due_at, left_for, told_of
from core.lines import cut_line

LISTED = 20


def throttle(messages: Sequence[Message], *, now: datetime) -> list[Message]:
    """Those of `messages`, all locked here and due at `now`, that leave now, and the bundles made of others.

    A repeat takes all that waits for its address along, whether or not that stands in `messages`. Writes what is never
    sent, and what is held, with its reason; whoever is held is tried by the next channel of the chain at once. Asks
    nothing when no row is a person's, once when none is a repeat.
    """
    rows = [message for message in messages if message.contact_point_id and not message.attempts]
    if not rows:
        return list(messages)
    told, left, awake = told_of(rows, now), {}, set()
    if points := {row.contact_point_id for row in repeats(rows, told) if row.contact_point_id}:
        known = {row.pk for row in rows}
        rows += [row for row in due_at(points, now) if row.pk not in known]
        told, left = told_of(rows, now), left_for(points, now)
        awake = awake_among({row.user_id for row in rows if row.user_id}, now)
    decided = sends(rows, told, left, now, awake)
    _drop([one for one in decided if one.reason and not one.held_until], now)
    _hold([one for one in decided if one.held_until], now)
    leaving = [one for one in decided if not one.reason]
    alone = {row.pk for one in leaving if len(one.rows) == 1 for row in one.rows}
    retried = [message for message in messages if message.attempts or not message.contact_point_id]
    bundles = [_bundle(one.rows, now) for one in leaving if len(one.rows) > 1]
    return retried + [message for message in messages if message.pk in alone] + bundles


def bring_forward(blocked: Collection[Message], *, now: datetime) -> int:
    """Let the next channel in the chain of each of `blocked` be tried at `now`, never the one that is blocked.

    How many messages that were to come later leave now.
    """
    if not (blocked := [message for message in blocked if message.contact_point_id]):
        return 0
    rest = Message.objects.unsent().filter(
        series__in={message.series for message in blocked},
        user__in={message.user_id for message in blocked},
        attempts=0,
        deliver_after__gt=now,
        held_reason="",
    )
    found = [message.pk for message in following(blocked, rest)]
    return Message.objects.unsent().filter(pk__in=found).update(deliver_after=now)


def _drop(decided: Sequence[Send], now: datetime) -> None:
    for one in decided:
        Message.objects.filter(pk__in=[row.pk for row in one.rows]).update(
            status=MessageStatus.NOT_SENT, not_sent_reason=one.reason, not_sent_at=now
        )


def _hold(decided: Sequence[Send], now: datetime) -> None:
    for one in decided:
        fresh = [row for row in one.rows if not row.held_reason]
        Message.objects.filter(pk__in=[row.pk for row in one.rows]).update(
            deliver_after=one.held_until, held_reason=one.reason
        )
        bring_forward(fresh, now=now)


def _bundle(rows: Sequence[Message], now: datetime) -> Message:
    """One message that says what `rows` would have said; they are not sent themselves."""
    first, words = rows[0], list(dict.fromkeys(row.subject for row in rows))
    key = f"{BUNDLE}{max(row.pk for row in rows)}"
    noun = "pages ring" if first.kind == MessageKind.PAGE else "messages"
    lines = [line for row in rows[:LISTED] for line in (row.subject, row.link) if line]
    if len(rows) > LISTED:
        lines.append(f"And {len(rows) - LISTED} more.")
    bundle = Message.objects.create(
        dedup_key=key,
        series=key,
        kind=first.kind,
        urgency=first.urgency,
        user=first.user,
        contact_point=first.contact_point,
        transport=first.transport,
        address=first.address,
        audience_id=first.audience_id,
        is_discreet=first.is_discreet,
        subject=cut_line(f"{len(rows)} {noun}: {'; '.join(words)}", 200),
        body="\n".join(lines),
        facts={
            "bundle": [row.facts for row in rows[:LISTED]],
            "about": list(dict.fromkeys(row.subject_key for row in rows if row.subject_key)),
        },
        created_at=now,
        deliver_after=now,
    )
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=MessageStatus.NOT_SENT,
        not_sent_reason=told_together(len(rows) - 1),
        not_sent_at=now,
        bundled_into=bundle,
    )
    return bundle
