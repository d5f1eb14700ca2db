"""Notices of shifts: before one begins, when it begins, and when it is over.

Locks: one schedule's row at a time. Whoever looks is late by at most GRACE; what is older is the past and is not said.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import User
from comms.actions.engine import record_tick
from comms.actions.message import queue_message
from comms.enums import MessageKind
from core.moments import show_weekday
from escalation.actions.shift_change import shifts_key
from escalation.enums import ShiftNoticeKind
from escalation.models import Page, Schedule
from escalation.oncall import Shift, shifts
from escalation.oncall.mine import SHORTEST_HANDED_OVER, ShiftNotice, notices, people_in
from escalation.queries.oncall import spec_of, with_layers
from escalation.queries.page import ringing_for_schedule

logger = logging.getLogger(__name__)

SWEEP = "escalation.notice_shifts"
GRACE = timedelta(minutes=30)
LOOK_AGAIN = timedelta(minutes=10)
AFTER_A_FAILURE = timedelta(minutes=1)
LINE_AHEAD = timedelta(days=15)
A_MOMENT = timedelta(microseconds=1)
MOST_PAGES = 3


def notice_shifts(*, now: datetime, batch: int = 50) -> int:
    """The sweep: say what is due of the shifts of up to `batch` schedules; how many were looked at.

    Each schedule is looked at when its next notice is due, and every ten minutes whatever made its line change. A
    pause of half an hour is caught up with, and nothing older is said. One transaction a schedule, claimed with
    skip_locked; one that fails is logged, looked at again in a minute and stops no other.
    """
    due = Schedule.objects.filter(Q(notice_at__isnull=True) | Q(notice_at__lte=now))
    pks = list(due.order_by(F("notice_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)[:batch])
    looked_at = 0
    for pk in pks:
        try:
            looked_at += _look_at(pk, now)
        except Exception:  # the row loop of a sweep: one schedule's failure never stops the others
            logger.exception("The shifts of the schedule with id %s could not be noticed.", pk)
            Schedule.objects.filter(pk=pk).update(notice_at=now + AFTER_A_FAILURE)
    record_tick(SWEEP, now=now)
    return looked_at


@transaction.atomic
def _look_at(pk: int, now: datetime) -> bool:
    claimed = Schedule.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if claimed is None or (claimed.notice_at is not None and claimed.notice_at > now):
        return False
    # As far back as it takes to know how long a shift was that has just ended.
    start, end = (
        now - GRACE - SHORTEST_HANDED_OVER - A_MOMENT,
        now + max(claimed.leads, default=timedelta()) + LINE_AHEAD,
    )
    schedule = with_layers(Schedule.objects.filter(pk=pk), start, end)[0]
    line = shifts(spec_of(schedule), start, end)
    found = notices(line, start, end, claimed.leads)
    due = [notice for notice in found if now - GRACE < notice.at <= now and _is_still_news(notice, now)]
    if due:
        _say(schedule, line, due, now)
    coming = [notice.at for notice in found if notice.at > now]
    Schedule.objects.filter(pk=pk).update(notice_at=min([*coming, now + LOOK_AGAIN]))
    return True


def _is_still_news(notice: ShiftNotice, now: datetime) -> bool:
    """Whether a shift that is announced has not begun yet, and one that has begun is not over yet."""
    if notice.kind == ShiftNoticeKind.SOON:
        return notice.start is not None and now < notice.start
    return notice.kind == ShiftNoticeKind.ENDS or notice.end is None or now < notice.end


def _say(schedule: Schedule, line: Sequence[Shift], due: Sequence[ShiftNotice], now: datetime) -> None:
    """One message for each notice, to those who are active."""
    ids: list[Any] = people_in(line)
    people: dict[Any, User] = User.objects.filter(is_active=True).in_bulk(ids)
    ringing = ringing_for_schedule(schedule)
    named = list(dict.fromkeys(page.subject_key for page in ringing[:MOST_PAGES] if page.subject_key))
    for notice in due:
        reader = people.get(notice.person)
        if reader is None:
            continue
        if notice.kind == ShiftNoticeKind.SOON:
            subject, body = _announced(schedule, notice, reader)
        elif notice.kind == ShiftNoticeKind.BEGINS:
            before, after = (_others(line, notice.at - back, reader, people) for back in (A_MOMENT, timedelta()))
            subject, body = _begun(schedule, notice, reader, before, after, ringing)
        else:
            subject = f"Your shift in {schedule} is over"
            body = f"On call now: {_others(line, notice.at, reader, people) or 'nobody'}."
        queue_message(
            now=now,
            kind=MessageKind.NOTICE,
            to=reader,
            subject=subject,
            body=body,
            link=reverse("escalation:schedule-detail", args=[schedule.slug]),
            subject_key=shifts_key(schedule.pk),
            dedup_key=f"shift:{schedule.pk}:{notice.kind}:{notice.at:%Y%m%dT%H%M%S}:{reader.pk}",
            facts={"about": named} if notice.kind == ShiftNoticeKind.BEGINS and named else None,
        )


def _others(line: Sequence[Shift], moment: datetime, reader: User, people: Mapping[Any, User]) -> str:
    """Who but `reader` is on call at `moment`, as handles; empty for nobody."""
    ids = [one for shift in line if shift.start <= moment < shift.end for one in shift.users]
    return ", ".join(str(people[one]) for one in ids if one in people and one != reader.pk)


def _announced(schedule: Schedule, notice: ShiftNotice, reader: User) -> tuple[str, str]:
    start = show_weekday(notice.start or notice.at, reader.zone)
    return f"From {start} you are on call in {schedule}", f"You are on call from {start}{_until(notice, reader)}."


def _begun(
    schedule: Schedule, notice: ShiftNotice, reader: User, before: str, after: str, ringing: Sequence[Page]
) -> tuple[str, str]:
    parts = [f"Before you: {before or 'nobody'}."]
    if after:
        parts.append(f"On call with you: {after}.")
    if ringing:
        parts.append("\n".join(["Ringing now:", *(f"- {page.subject}" for page in ringing[:MOST_PAGES])]))
    if len(ringing) > MOST_PAGES:
        parts.append(f"And {len(ringing) - MOST_PAGES} more.")
    return f"You are on call in {schedule}{_until(notice, reader)}", "\n\n".join(parts)


def _until(notice: ShiftNotice, reader: User) -> str:
    """` until …` in the zone of `reader`, or nothing when it goes on beyond what was looked at."""
    return f" until {show_weekday(notice.end, reader.zone)}" if notice.end else ""
