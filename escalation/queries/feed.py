"""What a calendar feed holds, and whose it is."""

import hashlib
import hmac
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from accounts.models import User
from escalation.models import CalendarFeed, Override, Schedule, ShiftSwap, TemporarySchedule
from escalation.oncall import Shift, shifts
from escalation.queries.calendar import names_of, overriding_of, people_of, words_of
from escalation.queries.oncall import spec_of, with_layers
from escalation.queries.swap import asking_for

# From whole days, so that the same calendar is the same for a day.
BACK, AHEAD = timedelta(days=14), timedelta(days=90)
# How far beyond that a shift is followed to its true beginning and end; one that goes on still is cut, and says so.
LOOK_AROUND = timedelta(days=35)


@dataclass(frozen=True)
class FeedShift:
    """One event: [`start`, `end`) in UTC, cut where nobody looked further. `key` is the same for ever."""

    key: str
    schedule: Schedule
    start: datetime
    end: datetime
    users: tuple[User, ...]
    notes: tuple[str, ...]
    began_before: bool
    goes_on: bool

    @property
    def who(self) -> str:
        """`Ana and Ben`."""
        return names_of(self.users)


@dataclass(frozen=True)
class FeedContent:
    """What a feed holds now; `digest` is another as soon as anything of it is."""

    shifts: list[FeedShift]
    digest: str


def feed_of(address: str) -> CalendarFeed | None:
    """The feed behind `<prefix>-<secret>`, revoked or not; None for an address that is none."""
    prefix, _, secret = address.partition("-")
    feed = CalendarFeed.objects.filter(prefix=prefix).select_related("user", "schedule").first()
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return feed if feed and hmac.compare_digest(feed.digest, digest) else None


def feeds_of(user: User) -> QuerySet[CalendarFeed]:
    """Those that `user` made and did not revoke."""
    return CalendarFeed.objects.filter(user=user, revoked_at__isnull=True).select_related("schedule")


def feed_content(feed: CalendarFeed, now: datetime) -> FeedContent:
    """The shifts of two weeks back and 90 days ahead, in order.

    Six queries, however many schedules, or nine where single shifts are planned.
    """
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = today - BACK, today + AHEAD
    early, late = start - LOOK_AROUND, end + LOOK_AROUND
    chosen = Schedule.objects.filter(pk=feed.schedule_id) if feed.schedule_id else Schedule.objects.all()
    schedules = with_layers(chosen.order_by("name", "pk"), early, late)
    specs = {schedule.pk: spec_of(schedule) for schedule in schedules}
    overriding = {key: one for schedule in schedules for key, one in overriding_of(schedule).items()}
    people = people_of(specs.values(), overriding.values())
    found = [
        _feed_shift(schedule, joined, overriding, people, None if feed.schedule_id else feed.user, early, late)
        for schedule in schedules
        for joined in _joined(shifts(specs[schedule.pk], early, late), None if feed.schedule_id else feed.user_id)
        if joined[0].start < end and joined[-1].end > start
    ]
    swaps = list(ShiftSwap.objects.open().filter(schedule__in=specs, ends_at__gt=now))
    found = [_with_swaps(shift, [one for one in swaps if one.schedule_id == shift.schedule.pk]) for shift in found]
    found.sort(key=lambda shift: (shift.start, shift.key))
    return FeedContent(found, _digest(feed, found))


def _joined(line: Iterable[Shift], person: int | None) -> list[list[Shift]]:
    """Neighbours with the same people as one, or those in which `person` is on call, whoever else is."""
    groups: list[list[Shift]] = []
    for shift in line:
        if person is not None and person not in shift.users:
            continue
        last = groups[-1][-1] if groups else None
        if last and last.end == shift.start and (person is not None or last.users == shift.users):
            groups[-1].append(shift)
        else:
            groups.append([shift])
    return groups


def _feed_shift(
    schedule: Schedule,
    joined: Sequence[Shift],
    overriding: dict[Hashable, Override | TemporarySchedule],
    people: dict[Hashable, User],
    person: User | None,
    early: datetime,
    late: datetime,
) -> FeedShift:
    start, end = joined[0].start, joined[-1].end
    began_before = start <= early
    ids = dict.fromkeys(user for shift in joined for user in shift.users)
    begins = "before" if began_before else f"{start:%Y%m%dT%H%M%SZ}"
    notes = [shift.layer for shift in joined if shift.layer]
    notes += [f"Override: {words_of(overriding[o])}" for shift in joined if (o := shift.override) in overriding]
    return FeedShift(
        key=f"{schedule.slug}-{begins}-{person.handle if person else 'all'}",
        schedule=schedule,
        start=start,
        end=end,
        users=(person,) if person else tuple(people[user] for user in ids if user in people),
        notes=tuple(dict.fromkeys(notes)),
        began_before=began_before,
        goes_on=end >= late,
    )


def _with_swaps(shift: FeedShift, swaps: Sequence[ShiftSwap]) -> FeedShift:
    """The same, saying who would like to give it away."""
    asking = asking_for((shift.start, shift.end), shift.users, swaps)
    return replace(shift, notes=(*shift.notes, f"{names_of(asking)} asks for a swap.")) if asking else shift


def _digest(feed: CalendarFeed, found: Sequence[FeedShift]) -> str:
    """Of all that is written, cut edges apart: they move from day to day by themselves."""
    told = [
        (s.key, "" if s.began_before else s.start, "" if s.goes_on else s.end, s.who, s.notes, s.schedule.name)
        for s in found
    ]
    return hashlib.sha256(repr((feed.name, feed.reminders, told)).encode()).hexdigest()
