"""What is wrong with a policy and with the schedules that it rings, read for the lints."""

from datetime import datetime
from zoneinfo import ZoneInfo

from escalation.enums import TargetKind
from escalation.models import Policy, Schedule
from escalation.oncall import ScheduleSpec, shifts
from escalation.plan import PolicySnapshot
from escalation.plan.lint import LOOKS_AHEAD, Finding, ScheduleFacts, lint
from escalation.queries.policy import snapshot_of
from escalation.queries.reach import people_of


def findings_of(policy: Policy, now: datetime) -> list[Finding]:
    """Everything that is wrong with `policy` at `now`, or will be within 30 days. Thirteen queries at most."""
    snapshot = snapshot_of(policy)
    people = people_of([snapshot], [], now, now + LOOKS_AHEAD)
    return lint(
        snapshot,
        reach=people.reach({}),
        schedules=_schedules(snapshot, people.specs, now),
        names={pk: str(user) for pk, user in people.users.items()},
        now=now,
    )


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
