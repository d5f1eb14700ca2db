"""What is to be said becomes a row of the outbox, in the transaction that made it true; and is taken back there."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.db.models import Q, TextField

from accounts.models import Audience, AudienceMember, User
from comms.actions.message.ways import Recipient, ways_to, why_kept_from
from comms.enums import MessageKind, MessageStatus, Urgency
from comms.models import ContactPoint, DiscreetSubject, Message, Subscription
from comms.models.message import BUNDLE, MessageQuerySet
from comms.plan import Way, ways_to_user
from comms.queries.reach import points_of
from core.lines import cut_line
from core.live import put_off
from core.prepared import Prepared, among, insert_all
from core.queue import ring

SWEEP = "comms.deliver_due"
DISCREET = Prepared(lambda: DiscreetSubject.objects.filter(among("subject_key", "about", TextField())))


class Told(TypedDict):
    """What is to be said, to whom and when; queue_message says what each of them means."""

    kind: MessageKind
    subject: str
    dedup_key: str
    to: Recipient
    body: NotRequired[str]
    link: NotRequired[str]
    facts: NotRequired[dict[str, Any] | None]
    urgency: NotRequired[Urgency]
    subject_key: NotRequired[str]
    audience: NotRequired[Audience | None]
    deliver_after: NotRequired[datetime | None]
    series: NotRequired[str]


@transaction.atomic
def queue_message(*, now: datetime, **told: Unpack[Told]) -> list[Message]:
    """Write what is to be said into the outbox, and ring the sweep that sends once this transaction has committed.

    A User gets one row for each rule of the chain that `urgency` names, each `after_seconds` later than
    `deliver_after` (now, unless given), or those of the standard chain: comms/plan.py decides it, and a rule that it
    passes over is a row with the reason. A ContactPoint (whatever its rules), a Subscription, an Address or the
    http(s) address of a webhook gets one row. `link` may be a path: it is made absolute. Where there is no way (no
    contact point, a channel switched off, an address that is none), one row says NOT_SENT and why: it never raises
    for that.

    `series` is what all messages share that say the same again, as all rings of one page do; only those are ever held
    or bundled (comms/plan/throttle.py). Without it a message repeats nothing but its own chain. What is about a
    subject that was made discreet leaves without its words by push, SMS and call. What has an `audience` never goes to
    a standing channel or to a person who was not let in, which is a row with the reason; a webhook gets no words.
    Words for one person that name several things, each with a subject key of its own, list those keys in
    `facts["about"]`: they are hidden and stripped with any of them.

    The same `dedup_key` a second time writes nothing, rings nothing and returns the rows of the first time.
    Sends nothing itself. Raises ValueError for an empty or overlong `dedup_key`.
    """
    dedup_key, about = told["dedup_key"], told.get("subject_key", "")
    _check_key(dedup_key)
    if existing := _rows_of(dedup_key):
        return existing
    rows = _rows_for(now=now, is_discreet=_discreet({about})[about], **told)
    _write(rows, now)
    return _rows_of(dedup_key)


def queue_new_messages(told: Iterable[Mapping[str, Any]], *, now: datetime) -> None:
    """`queue_message` for each of `told`, its keywords, in one statement; nothing is returned. Inside a transaction.

    Nobody has used their keys before, as of rings that are written down in the same transaction. One keyword more:
    with `everywhere_at_once` the User's rules do not count. Contact points are fetched for all of them in two
    statements; where rows are put off (core/live/), with all others of the action.
    """
    new = [{**one, "now": now} for one in told]
    if not put_off(_queue_new, new):
        _queue_new([new])


@transaction.atomic
def withdraw_messages(
    *,
    now: datetime,
    subject_key: str,
    reason: str,
    kinds: Collection[MessageKind] | None = None,
    user: User | None = None,
    key_prefix: str = "",
) -> int:
    """Make every row about `subject_key` that has not left NOT_SENT with `reason`; how many those were.

    Rows that a worker has on lease are taken back too; one that leaves in this very moment is SENT all the same,
    because that is what happened. A bundle goes with the last of its parts. `kinds`, `user` and `key_prefix`, with
    which the dedup_key begins, narrow it. What was sent stays sent. Raises ValueError without a `subject_key` or a
    `reason`.
    """
    if not subject_key or not reason:
        raise ValueError("Messages are withdrawn by subject_key, and with a reason.")
    rows = Message.objects.filter(subject_key=subject_key)
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    if user is not None:
        rows = rows.filter(user=user)
    if key_prefix:
        rows = rows.filter(dedup_key__startswith=key_prefix)
    return take_back(rows, reason, now)


def take_back(rows: MessageQuerySet, reason: str, now: datetime) -> int:
    """Make those of `rows` that have not left NOT_SENT with `reason`; a bundle goes with the last of its parts."""
    reason = cut_line(reason, 200)
    bundled = rows.filter(bundled_into__status=MessageStatus.WAITING)
    if bundled.update(bundled_into=None, not_sent_reason=reason, not_sent_at=now):
        _end(Message.objects.filter(dedup_key__startswith=BUNDLE, parts=None), reason, now)
    return _end(rows, reason, now)


def _end(rows: MessageQuerySet, reason: str, now: datetime) -> int:
    return rows.unsent().update(
        status=MessageStatus.NOT_SENT, not_sent_reason=reason, not_sent_at=now, lease_until=None
    )


@transaction.atomic
def strip_messages(*, now: datetime, subject_key: str) -> int:
    """Let everything about `subject_key`, what waits and what comes, leave without its words where they show.

    By push, SMS and call it says only that something private needs its person, and the link; mail and chat keep the
    words. How many waiting rows that touched; once more touches none. The caller guards it and writes down who did.
    """
    DiscreetSubject.objects.get_or_create(subject_key=subject_key, defaults={"marked_at": now})
    Message.objects.unsent().naming(subject_key).update(is_discreet=True)
    return Message.objects.unsent().filter(subject_key=subject_key, is_discreet=False).update(is_discreet=True)


def absolute(link: str) -> str:
    """`link` with Muster's own address in front when it is a path; at most the 500 characters of the column."""
    return (settings.MUSTER_URL + link if link.startswith("/") else link)[:500]


def _discreet(about: Collection[str]) -> dict[str, bool]:
    """{subject key: whether it was made discreet}, in one query."""
    known = {row.subject_key for row in DISCREET.rows(about=sorted(about))} if any(about) else set()
    return {key: key in known for key in about}


def _rows_for(
    *,
    now: datetime,
    kind: MessageKind,
    subject: str,
    dedup_key: str,
    to: Recipient,
    body: str = "",
    link: str = "",
    facts: dict[str, Any] | None = None,
    urgency: Urgency = Urgency.NORMAL,
    subject_key: str = "",
    audience: Audience | None = None,
    deliver_after: datetime | None = None,
    series: str = "",
    points: Collection[ContactPoint] | None = None,
    everywhere_at_once: bool = False,
    is_discreet: bool,
    inside: Collection[tuple[int, int]] | None = None,
) -> list[Message]:
    """The rows of one message, not written yet. Raises ValueError for a key that is none."""
    _check_key(dedup_key)
    told: dict[str, Any] = {"kind": kind, "urgency": urgency} | {
        "subject": cut_line(subject, 200),
        "body": body,
        "link": absolute(link),
        "facts": facts or {},
        "subject_key": subject_key,
        "audience": audience,
        "is_discreet": is_discreet if audience is None or not isinstance(to, str) else True,
        "series": (series or dedup_key)[:180],
        "created_at": now,
    }
    ways = _ways(to, urgency, points, everywhere_at_once) if isinstance(to, User) else ways_to(to, kind)
    if why := why_kept_from(to, audience, inside):
        ways = [replace(ways[0], not_sent_reason=why)]
    return [_row(to, way, dedup_key, deliver_after or now, told) for way in ways]


def _ways(
    user: User, urgency: Urgency, points: Collection[ContactPoint] | None, everywhere_at_once: bool
) -> list[Way]:
    """How `user` is told, by `points` where they are at hand."""
    points = points_of([user])[user.pk] if points is None and user.is_active else points or ()
    return ways_to_user(user, urgency, points, everywhere_at_once=everywhere_at_once)


def _row(to: Recipient, way: Way, dedup_key: str, deliver_after: datetime, told: dict[str, Any]) -> Message:
    """One row of the outbox, not written yet."""
    return Message(
        **told,
        dedup_key=dedup_key + way.suffix,
        user=to.user if isinstance(to, ContactPoint) else to if isinstance(to, User) else None,
        subscription=to if isinstance(to, Subscription) else None,
        contact_point=way.contact_point,
        transport=way.transport,
        address=way.address,
        is_follow_up=way.is_follow_up,
        rule=cut_line(way.rule, 80),
        status=MessageStatus.NOT_SENT if way.not_sent_reason else MessageStatus.WAITING,
        not_sent_reason=cut_line(way.not_sent_reason, 200),
        not_sent_at=told["created_at"] if way.not_sent_reason else None,
        deliver_after=deliver_after + way.after,
    )


def _check_key(dedup_key: str) -> None:
    if not 0 < len(dedup_key) <= 180:
        raise ValueError(f"A dedup key has 1 to 180 characters, not {len(dedup_key)}: {dedup_key!r}")


def _write(rows: list[Message], now: datetime) -> None:
    insert_all(rows, ignore_conflicts=True)  # a writer of the same key at the same moment wins once
    if any(row.status == MessageStatus.WAITING and row.deliver_after <= now for row in rows):
        ring(SWEEP)


def _queue_new(several: list[list[dict[str, Any]]]) -> None:
    """All in one statement; the last moment of them is now."""
    told = [one for some in several for one in some]
    if not told:
        return
    discreet = _discreet({one.get("subject_key", "") for one in told})
    points = points_of(one["to"] for one in told if isinstance(one["to"], User))
    audiences = {one["audience"].pk for one in told if one.get("audience")}
    members = AudienceMember.objects.filter(audience__in=audiences).values_list("audience", "user")
    inside = set(members) if audiences else set()
    rows = [
        row
        for one in told
        for row in _rows_for(
            inside=inside,
            is_discreet=discreet[one.get("subject_key", "")],
            points=points[one["to"].pk] if isinstance(one["to"], User) else None,
            **one,
        )
    ]
    _write(rows, max(one["now"] for one in told))


def _rows_of(dedup_key: str) -> list[Message]:
    mine = Q(dedup_key=dedup_key) | Q(dedup_key__startswith=f"{dedup_key}#")
    return list(Message.objects.filter(mine).order_by("deliver_after", "pk"))
