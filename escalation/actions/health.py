"""Every week those to whom a schedule belongs are told how it stands."""

import logging
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from accounts.enums import AccessLevel
from accounts.models import User
from comms.actions.engine import record_tick
from comms.actions.message import queue_message
from comms.enums import MessageKind
from core.moments import show_weekday
from escalation.models import Schedule
from escalation.queries.health import Health, health_of
from escalation.queries.oncall import instant_of

logger = logging.getLogger(__name__)

SWEEP = "escalation.report_health"
MORNING = time(9, 0)
WEEK = timedelta(weeks=1)
TOO_OLD = timedelta(days=1)
AFTER_A_FAILURE = timedelta(minutes=10)
MOST_ROWS = 10


def report_health(*, now: datetime, batch: int = 20) -> int:
    """The sweep: report up to `batch` schedules whose Monday, 09:00 in their own zone, has come; how many were.

    A schedule that was never looked at gets its next Monday. One that the engine slept over for more than a day is not
    reported until the next. One transaction a schedule, claimed with skip_locked; one that fails is logged, looked at
    again in ten minutes and stops no other.
    """
    due = Schedule.objects.filter(Q(report_at__isnull=True) | Q(report_at__lte=now))
    pks = list(due.order_by(F("report_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)[:batch])
    reported = 0
    for pk in pks:
        try:
            reported += _look_at(pk, now)
        except Exception:  # the row loop of a sweep: one schedule's failure never stops the others
            logger.exception("How the schedule with id %s stands could not be told.", pk)
            Schedule.objects.filter(pk=pk).update(report_at=now + AFTER_A_FAILURE)
    record_tick(SWEEP, now=now)
    return reported


@transaction.atomic
def _look_at(pk: int, now: datetime) -> bool:
    rows = Schedule.objects.select_for_update(skip_locked=True, of=("self",)).select_related("team")
    schedule = rows.filter(Q(report_at__isnull=True) | Q(report_at__lte=now), pk=pk).first()
    if schedule is None:
        return False
    due, schedule.report_at = schedule.report_at, next_monday(schedule, now)
    schedule.save(update_fields=["report_at"])
    if due is None or now - due > TOO_OLD:
        return False
    health = health_of(schedule, now)
    for person in _owners(schedule):
        queue_message(
            now=now,
            kind=MessageKind.NOTICE,
            to=person,
            subject=f"On call in {schedule}: {_summary(health)}",
            body=_body(health, person),
            link=reverse("escalation:schedule-detail", args=[schedule.slug]),
            subject_key=f"health:{schedule.pk}",
            dedup_key=f"health:{schedule.pk}:{next_monday(schedule, now):%Y-%m-%d}:{person.pk}",
        )
    return True


def next_monday(schedule: Schedule, now: datetime) -> datetime:
    """The first Monday, 09:00 in the zone of `schedule`, after `now`."""
    today = now.astimezone(ZoneInfo(schedule.time_zone)).date()
    monday = today - timedelta(days=today.weekday())
    moments = [instant_of(monday + weeks * WEEK, MORNING, schedule.time_zone) for weeks in (0, 1)]
    return next(moment for moment in moments if moment > now)


def _owners(schedule: Schedule) -> list[User]:
    """Who is told: the schedule's team, or without one, or with an empty one, the admins."""
    team = list(schedule.team.members.filter(is_active=True)) if schedule.team else []
    return team or list(User.objects.filter(is_active=True, access=AccessLevel.ADMIN))


def _summary(health: Health) -> str:
    if health.is_well:
        return f"all is well, balance {health.balance} of 100"
    counted = [
        (len(health.gaps), "gap", "gaps"),
        (len(health.empty), "empty shift", "empty shifts"),
        (len(health.unreachable), "person cannot be rung", "people cannot be rung"),
    ]
    return ", ".join(f"{number} {one if number == 1 else several}" for number, one, several in counted if number)


def _body(health: Health, reader: User) -> str:
    """What is wrong in the next 30 days and who carries what, in the zone of `reader`."""
    gaps = [_span(start, end, reader) for start, end in health.gaps]
    empty = [f"{_span(one.start, one.end, reader)}: {_names(one.users)}" for one in health.empty]
    carried = [
        f"{one.user}: {one.load.hours:.0f} h, {one.load.nights} nights, {one.load.weekends} weekends"
        for one in health.carried
    ]
    parts = [
        ("Nobody is on call:", gaps),
        ("On call are only people who cannot be rung:", empty),
        ("These people cannot be rung:", [_names(health.unreachable)] if health.unreachable else []),
        (f"Balance {health.balance} of 100 over the next 52 weeks:", carried),
    ]
    return "\n\n".join("\n".join([head, *_rows(rows)]) for head, rows in parts if rows) or "Nobody takes turns in it."


def _rows(rows: list[str]) -> list[str]:
    more = len(rows) - MOST_ROWS
    return [f"- {row}" for row in rows[:MOST_ROWS]] + ([f"- and {more} more"] if more > 0 else [])


def _span(start: datetime, end: datetime, reader: User) -> str:
    return f"{show_weekday(start, reader.zone)} to {show_weekday(end, reader.zone)}"


def _names(users: list[User]) -> str:
    return ", ".join(str(user) for user in users)
