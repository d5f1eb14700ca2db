"""What will become of rows of the outbox, if every send succeeds: the dry run of the post office. Pure.

It asks the throttles at each moment at which something is due, as the engine does (comms/actions/throttle.py), and
carries out what they decide on rows that nobody writes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from comms.models import Message
from comms.plan.throttle import Send, Told, following, sends, told_together


@dataclass(frozen=True)
class Fate:
    """What becomes of one row: it wants to leave at `wanted_at`, sooner than wished where another channel is held.

    `leaves_at` is None for what is never sent or still waits at the end; `held` and `not_sent` are the reasons that
    its row would have. One that leaves as part of a bundle has both a moment and a reason.
    """

    wanted_at: datetime
    leaves_at: datetime | None = None
    held: str = ""
    not_sent: str = ""


@dataclass(frozen=True)
class Post:
    """How the post office stands: what left for each contact point and when, what waits, what was told of that.

    `awake` are (user id, from, until). Nothing of it: an empty outbox.
    """

    left: Mapping[int, Sequence[datetime]] = field(default_factory=dict)
    waiting: Sequence[Message] = ()
    told: Sequence[Told] = ()
    awake: Sequence[tuple[int, datetime, datetime]] = ()


def fates(rows: Collection[Message], post: Post, *, until: datetime) -> dict[int, Fate]:
    """{pk: what becomes of it by `until`} for each of `rows`, which nobody has written yet and which have a pk.

    Moves the `deliver_after` of `rows` and of what waits, as the engine would: they are good for nothing afterwards.
    """
    play = _Play([*rows, *post.waiting], post)
    while (moment := play.next_moment()) is not None and moment <= until:
        play.go_on(moment)
    return {row.pk: play.fates[row.pk] for row in rows}


class _Play:
    """The outbox of the dry run as it moves."""

    def __init__(self, rows: Collection[Message], post: Post) -> None:
        self.waiting = {row.pk: row for row in rows}
        self.fates = {row.pk: Fate(row.deliver_after) for row in rows}
        self.left = {point: list(moments) for point, moments in post.left.items()}
        self.under_way = [one for one in post.told if not one.is_sent]
        self.reached: dict[tuple[str, int | None], Told] = {}
        for one in post.told:
            self._tell(one)
        self.awake = post.awake

    def next_moment(self) -> datetime | None:
        """When something is due next, if anything waits."""
        return min((row.deliver_after for row in self.waiting.values()), default=None)

    def go_on(self, now: datetime) -> None:
        """Let the throttles decide about all that is due at `now`."""
        due = [row for row in self.waiting.values() if row.deliver_after <= now]
        due.sort(key=lambda row: (row.deliver_after, row.pk))
        awake = {user for user, since, end in self.awake if since <= now < end}
        for one in sends(due, [*self.reached.values(), *self.under_way], self.left, now, awake):
            if one.held_until:
                self._hold(one, one.held_until, now)
            elif one.reason:
                self._end(one, now, leaves=False)
            else:
                self._end(one, now, leaves=True)

    def _hold(self, one: Send, until: datetime, now: datetime) -> None:
        fresh = [row for row in one.rows if not row.held_reason]
        for row in one.rows:
            row.deliver_after, row.held_reason = until, one.reason
            self.fates[row.pk] = replace(self.fates[row.pk], held=one.reason)
        later = [row for row in self.waiting.values() if row.deliver_after > now and not row.held_reason]
        for row in following(fresh, later):
            row.deliver_after = now
            self.fates[row.pk] = replace(self.fates[row.pk], wanted_at=now)

    def _end(self, one: Send, now: datetime, *, leaves: bool) -> None:
        reason = told_together(len(one.rows) - 1) if len(one.rows) > 1 else one.reason
        for row in one.rows:
            del self.waiting[row.pk]
            self.fates[row.pk] = replace(self.fates[row.pk], leaves_at=now if leaves else None, not_sent=reason)
        first = one.rows[0]
        if leaves and first.contact_point_id:
            self.left.setdefault(first.contact_point_id, []).append(now)
        if leaves and len(one.rows) == 1:
            self._tell(_told(first))

    def _tell(self, one: Told) -> None:
        """Remember what reached its person first of its series: of what was written earliest."""
        known = self.reached.get((one.series, one.user_id))
        if one.is_sent and (known is None or one.created_at < known.created_at):
            self.reached[one.series, one.user_id] = one


def _told(row: Message) -> Told:
    point, moments = row.contact_point_id, (row.created_at, row.deliver_after)
    return Told(row.pk, row.series, row.user_id, point, *moments, is_sent=True)
