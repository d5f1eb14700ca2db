"""What is wrong with a policy and with the schedules that it rings, read for the lints."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from comms.enums import Urgency
from comms.plan import tries
from comms.queries.reach import points_of
from core.moments import show_moment
from escalation.enums import TargetKind
from escalation.models import Policy, Schedule
from escalation.oncall import ScheduleSpec, shifts
from escalation.plan import PolicySnapshot
from escalation.plan.lint import LOOKS_AHEAD, Finding, ScheduleFacts, lint
from escalation.queries.policy import snapshot_of
from escalation.queries.reach import people_of


def findings_of(policy: Policy, now: datetime, zone: ZoneInfo | None = None) -> list[Finding]:
    """Everything that is wrong with `policy` at `now`, or will be within 30 days of it. Fifteen queries at most.

    With a `zone`, `now` is a moment that somebody chose, and is named. Who is on call is asked at that moment; whether
    somebody can be reached is only known as it is now.
    """
    snapshot = snapshot_of(policy)
    people = people_of([snapshot], [], now, now + LOOKS_AHEAD)
    return lint(
        snapshot,
        reach=people.reach({}),
        schedules=_schedules(snapshot, people.specs, now),
        names={pk: str(user) for pk, user in people.users.items()},
        now=now,
        when=f"at {show_moment(now, zone)}" if zone else "now",
        unproved=_unproved(people.users.values()),
    )


def _unproved(users: Iterable[User]) -> set[int]:
    """Those whose urgent chain has no verified address. Two queries."""
    chains = {
        user: [one for one in tries(points, Urgency.URGENT) if not one.reason]
        for user, points in points_of(users).items()
    }
    return {user for user, chain in chains.items() if not any(one.point.verified_at for one in chain)}


def first_gap(spec: ScheduleSpec, start: datetime, end: datetime) -> tuple[datetime, datetime] | None:
    """The first span of [`start`, `end`) in which nobody is on call, or None."""
    at = start
    for shift in shifts(spec, start, end):
        if shift.start > at:
            return at, shift.start
        at = shift.end
    return (at, end) if at < end else None


def _schedules(snapshot: PolicySnapshot, specs: dict[int, ScheduleSpec], now: datetime) -> dict[int, ScheduleFacts]:
    rung = {int(t.key) for step in snapshot.steps for t in step.targets if t.kind == TargetKind.ON_CALL}
    rows = Schedule.objects.filter(pk__in=rung) if rung else ()
    return {
        row.pk: ScheduleFacts(row.name, ZoneInfo(row.time_zone), first_gap(specs[row.pk], now, now + LOOKS_AHEAD))
        for row in rows
    }
