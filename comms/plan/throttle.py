"""How often one address is told, and what is said there in one breath. Pure: no query, no clock.

Throttles and bundles touch **repeats** only: what says again, to a person whom an earlier message of the same series
(of the same page) was handed over to. The first rows of a page to a person are never held and never bundled, however
many pages ring; what has not left by any channel yet is no repeat either. Codes and what people ask for by hand are
series of their own.

Three things may become of a row whose moment has come:

- **Twins**: rows of one series that wait for one address at the same moment, because the engine or the channel was
  down. The oldest leaves, as in GoAlert (engine/message/dedupalerts.go); the others are not sent. Nor are those of one
  and the same moment of which one has left, because a channel takes only so many at once.
- **Held**: as many messages as the throttle allows have left for that address. It waits, and the next channel of its
  chain is tried at once.
- **Bundled**: what waited leaves as one message, “5 pages ring: …”.

The figures are those that GoAlert publishes and uses (target/goalert, engine/message/ratelimit.go) for alerts by voice
and SMS, and for status messages, which are our messages that are not urgent. Its one a minute for mail holds here for
every channel. We count what was handed over; its smoothing of the longer spans is left out, which holds less back.
Whoever says that they are awake gets repeats at most every ten minutes: they look at the list anyway.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from comms.enums import FOR_ONE_PAIR_OF_EYES, PHONES, MessageKind, Transport, Urgency
from comms.models import Message
from core.moments import show_duration


@dataclass(frozen=True)
class Throttle:
    """At most `count` messages in any span of `per`."""

    count: int
    per: timedelta

    def __str__(self) -> str:
        return f"at most {self.count} in {show_duration(self.per)}"


def _throttles(*figures: tuple[int, int]) -> tuple[Throttle, ...]:
    return tuple(Throttle(count, timedelta(minutes=minutes)) for count, minutes in figures)


EVERY_MINUTE = _throttles((1, 1))
URGENT: Mapping[str, tuple[Throttle, ...]] = {
    Transport.VOICE: _throttles((1, 1), (3, 15), (7, 60), (15, 180)),
    Transport.SMS: _throttles((1, 1), (5, 15), (11, 60), (21, 180)),
    Transport.GATEWAY: _throttles((1, 1), (5, 15), (11, 60), (21, 180)),
}
AWAKE = _throttles((1, 10))
NORMAL: Mapping[str, tuple[Throttle, ...]] = dict.fromkeys(PHONES, _throttles((1, 3), (3, 20), (8, 120)))
LONGEST = timedelta(hours=3)
TWIN = "The same was due at this address at the same moment; one of them is enough."


@dataclass(frozen=True)
class Told:
    """A row that was handed over or still waits (`is_due` now or under way), of any of the series in question."""

    pk: int
    series: str
    user_id: int | None
    contact_point_id: int | None
    created_at: datetime
    deliver_after: datetime
    is_sent: bool
    is_due: bool = False


@dataclass(frozen=True)
class Send:
    """What becomes of rows for one address: they leave, as one message when they are several; or not.

    With `held_until` they wait until then; with a `reason` alone they are never sent.
    """

    rows: tuple[Message, ...]
    reason: str = ""
    held_until: datetime | None = None


def throttles_for(row: Message, awake: Collection[int] = ()) -> tuple[Throttle, ...]:
    """Those that hold back a repeat of this kind on this transport; also the one for whoever is awake and looks."""
    if row.kind in FOR_ONE_PAIR_OF_EYES:
        return ()
    if row.urgency == Urgency.NORMAL:
        return NORMAL.get(row.transport, ())
    return URGENT.get(row.transport, EVERY_MINUTE) + (AWAKE if row.user_id in awake else ())


def sends(
    rows: Sequence[Message],
    told: Collection[Told],
    left: Mapping[int, Sequence[datetime]],
    now: datetime,
    awake: Collection[int] = (),
) -> list[Send]:
    """What becomes of `rows`, whose moment has come: each stands in exactly one Send.

    `told` are the other rows of their series; `left` says for each contact point when messages were handed over to it,
    at least those of the last three hours; `awake` are the ids of the users who said that they are.
    """
    oldest, reached = _oldest([*rows, *(one for one in told if one.is_due)]), _reached(told)
    gone = {_moment(one) for one in told if one.is_sent}
    found: list[Send] = []
    by_point: dict[int, list[Message]] = {}
    for row in rows:
        if row.attempts or row.contact_point_id is None:
            found.append(Send((row,)))
        elif oldest[row.series, row.contact_point_id] < _age(row) or _moment(row) in gone:
            found.append(Send((row,), TWIN))
        elif is_repeat(row, reached.get((row.series, row.user_id))):
            by_point.setdefault(row.contact_point_id, []).append(row)
        else:
            found.append(Send((row,)))
    for point, of_point in by_point.items():
        found += _to_address(of_point, left.get(point, ()), now, awake)
    return found


def repeats(rows: Sequence[Message], told: Collection[Told]) -> list[Message]:
    """Those of `rows` that may be held and bundled."""
    reached = _reached(told)
    return [row for row in rows if not row.attempts and is_repeat(row, reached.get((row.series, row.user_id)))]


def is_repeat(row: Message, reached_at: datetime | None) -> bool:
    """Whether `row` may be held and bundled. `reached_at`: when the first row of its series that reached was written.

    What is not urgent may be, always, where it has a throttle at all.
    """
    if row.urgency == Urgency.NORMAL:
        return bool(throttles_for(row))
    return reached_at is not None and (row.is_follow_up or reached_at < row.created_at)


def free_at(
    throttles: Iterable[Throttle], left: Sequence[datetime], now: datetime
) -> tuple[datetime, Throttle | None]:
    """When the next message may leave, `now` at the soonest, and which throttle holds it until then."""
    newest = sorted(left, reverse=True)
    until: tuple[datetime, Throttle | None] = (now, None)
    for throttle in throttles:
        if len(newest) >= throttle.count and newest[throttle.count - 1] + throttle.per > until[0]:
            until = (newest[throttle.count - 1] + throttle.per, throttle)
    return until


def following(blocked: Collection[Message], rest: Iterable[Message]) -> list[Message]:
    """Of `rest`, what is still to come, the next row of the chain of each of `blocked`; never by what is blocked."""
    chains = {_chain(row): row.contact_point_id for row in blocked}
    found: dict[str, Message] = {}
    for row in sorted(rest, key=lambda row: (row.deliver_after, row.pk)):
        if chains.get(_chain(row), row.contact_point_id) != row.contact_point_id:
            found.setdefault(_chain(row), row)
    return list(found.values())


def told_together(others: int) -> str:
    """What the record says of a row that left as part of a bundle."""
    return f"Told in one message with {others} other{'s' if others > 1 else ''}."


def _to_address(
    rows: Sequence[Message], left: Sequence[datetime], now: datetime, awake: Collection[int]
) -> list[Send]:
    """Repeats for one address: those that may be told together leave as one, while the throttles allow."""
    together: dict[object, list[Message]] = {}
    for row in rows:
        kind = row.urgency, row.kind == MessageKind.PAGE, row.audience_id, row.is_discreet
        together.setdefault(kind, []).append(row)
    found, left = [], list(left)
    for group in together.values():
        until, throttle = free_at(throttles_for(group[0], awake), left, now)
        if throttle:
            found.append(Send(tuple(group), f"Held: {throttle} to one address.", until))
        else:
            found.append(Send(tuple(group)))
            left.append(now)
    return found


def _oldest(rows: Iterable[Message | Told]) -> dict[tuple[str, int | None], tuple[datetime, datetime, int]]:
    """{(series, contact point): the age of its oldest row}"""
    found: dict[tuple[str, int | None], tuple[datetime, datetime, int]] = {}
    for row in rows:
        key = row.series, row.contact_point_id
        found[key] = min(found.get(key, _age(row)), _age(row))
    return found


def _reached(told: Iterable[Told]) -> dict[tuple[str, int | None], datetime]:
    """{(series, user): when the first row that was handed over to them was written}"""
    found: dict[tuple[str, int | None], datetime] = {}
    for one in told:
        if one.is_sent:
            key = one.series, one.user_id
            found[key] = min(found.get(key, one.created_at), one.created_at)
    return found


def _age(row: Message | Told) -> tuple[datetime, datetime, int]:
    return row.created_at, row.deliver_after, row.pk


def _chain(row: Message) -> str:
    return row.dedup_key.partition("#")[0]


def _moment(row: Message | Told) -> tuple[str, int | None, datetime, datetime]:
    return row.series, row.contact_point_id, row.created_at, row.deliver_after
