"""What plan B says: contacts, and who is on call in every schedule for a while, with their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from escalation.models import PlanBReader, RoleContact, Schedule
from escalation.oncall import Shift, shifts
from escalation.oncall.mine import people_in
from escalation.queries.oncall import all_with_layers, spec_of

AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Watch:
    """From `start` to `end` these people are on call in one schedule; nobody where there is none."""

    start: datetime
    end: datetime
    users: list[User]


@dataclass(frozen=True)
class PlanB:
    """Everything on the sheet, true from `start` to `end`; `schedules` in order, each with its whole line."""

    start: datetime
    end: datetime
    contacts: list[RoleContact]
    schedules: list[tuple[Schedule, list[Watch]]]


def plan_b_between(start: datetime, end: datetime) -> PlanB:
    """The sheet for this span. Six queries, three more where there are single shifts.

    Somebody who was switched off is not named: where nobody else is, nobody is on call.
    """
    schedules = all_with_layers(start, end)
    lines = {schedule.pk: shifts(spec_of(schedule), start, end) for schedule in schedules}
    ids: list[Any] = [person for line in lines.values() for person in people_in(line)]
    people: dict[Any, User] = User.objects.filter(is_active=True).in_bulk(ids)
    return PlanB(
        start=start,
        end=end,
        contacts=list(RoleContact.objects.select_related("person", "schedule")),
        schedules=[(schedule, _watches(lines[schedule.pk], people, start, end)) for schedule in schedules],
    )


def is_reader(user: User) -> bool:
    """Whether `user` asked to get the sheet by mail."""
    return PlanBReader.objects.filter(user=user).exists()


def _watches(line: Sequence[Shift], people: dict[Any, User], start: datetime, end: datetime) -> list[Watch]:
    """The line without a hole, neighbours with the same people made one."""
    whole: list[Watch] = []
    for shift in [*line, Shift(end, end, (), "", None)]:
        users = [people[person] for person in shift.users if person in people]
        for began, ended, there in ((start, shift.start, []), (shift.start, shift.end, users)):
            if began >= ended:
                continue
            if whole and whole[-1].users == there:
                whole[-1] = Watch(whole[-1].start, ended, there)
            else:
                whole.append(Watch(began, ended, there))
        start = shift.end
    return whole
