"""How a schedule stands: where nobody is on call, who cannot be rung, and how evenly it is carried."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from comms.queries.reach import unreachable
from escalation.models import Schedule
from escalation.oncall import Shift, shifts
from escalation.oncall.balance import Load, balance_of, loads_of, members_of
from escalation.oncall.mine import Span, people_in, without
from escalation.queries.oncall import spec_of, with_layers

GAPS_AHEAD = timedelta(days=30)
BALANCE_AHEAD = timedelta(weeks=52)


@dataclass(frozen=True)
class EmptyShift:
    """Somebody is on call, and none of them can be rung."""

    start: datetime
    end: datetime
    users: list[User]


@dataclass(frozen=True)
class Carried:
    """What one person carries, with by how many percent their hours are above the mean of all, or below it."""

    user: User
    load: Load
    above_mean: int

    @property
    def below_mean(self) -> int:
        """The same, read the other way."""
        return -self.above_mean


@dataclass(frozen=True)
class Health:
    """Gaps, empty shifts and people who cannot be rung in the next 30 days; who carries what in the next 52 weeks."""

    gaps: list[Span]
    empty: list[EmptyShift]
    unreachable: list[User]
    balance: int
    carried: list[Carried]

    @property
    def is_well(self) -> bool:
        """Whether somebody who can be rung is on call at every moment of the next 30 days, and so is everybody."""
        return not (self.gaps or self.empty or self.unreachable)


def health_of(schedule: Schedule, now: datetime) -> Health:
    """How `schedule` stands at `now`, in seven queries, three more where it has single shifts.

    The balance is that of those who take turns; whoever only stands in once is left out, and so is whoever a higher
    layer never lets on call.
    """
    end = now + BALANCE_AHEAD
    fetched = with_layers(Schedule.objects.filter(pk=schedule.pk), now, end)[0]
    spec = spec_of(fetched)
    year = shifts(spec, now, end)
    month = [shift for shift in year if shift.start < now + GAPS_AHEAD]
    people = _people([*people_in(month), *members_of(spec)])
    soon = [people[person] for person in people_in(month) if person in people]
    silent = unreachable(soon)
    loads = loads_of(year, {person: people[person].zone for person in members_of(spec) if person in people})
    return Health(
        gaps=without([(now, now + GAPS_AHEAD)], [(shift.start, shift.end) for shift in month]),
        empty=_empty(month, silent, people),
        unreachable=silent,
        balance=balance_of(loads),
        carried=_carried(loads, people),
    )


def _people(ids: list[Any]) -> dict[Any, User]:
    return User.objects.in_bulk(set(ids))


def _empty(month: list[Shift], silent: list[User], people: dict[Any, User]) -> list[EmptyShift]:
    """Shifts of people who are all silent; neighbours with the same people are one."""
    lost = {user.pk for user in silent}
    found: list[EmptyShift] = []
    for shift in month:
        if not lost.issuperset(shift.users):
            continue
        users = [people[person] for person in shift.users]
        if found and found[-1].end == shift.start and found[-1].users == users:
            found[-1] = EmptyShift(found[-1].start, shift.end, users)
        else:
            found.append(EmptyShift(shift.start, shift.end, users))
    return found


def _carried(loads: list[Load], people: dict[Any, User]) -> list[Carried]:
    mean = sum(load.hours for load in loads) / len(loads) if loads else 0
    return [Carried(people[load.person], load, round(100 * (load.hours - mean) / mean)) for load in loads]
