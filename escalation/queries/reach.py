"""Who stands behind the targets of policies: fetched once for any number of snapshots, asked without a query."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accounts.models import Team, User
from comms.queries.reach import has_a_way
from core.prepared import Prepared, among_keys
from escalation.enums import TargetKind
from escalation.models import Schedule
from escalation.oncall import ScheduleSpec, next_in_turn, resolve
from escalation.plan import Behind, PolicySnapshot, Reach, TargetSnapshot
from escalation.queries.oncall import layers_at, spec_of, with_layers

Roles = Mapping[str, list[int]]


@dataclass(frozen=True)
class Origin:
    """How somebody came to be on call: the layer, the override that had the last word, and in whose place they are.

    Empty for a target that is no schedule, and for the next in turn. `override` is None also where a temporary
    schedule had the last word: that is the layer.
    """

    layer: str = ""
    override: int | None = None
    instead_of: tuple[int, ...] = ()


class People:
    """The people that snapshots may reach between two moments. `nowhere` says of some why nothing reaches them."""

    def __init__(
        self,
        specs: dict[int, ScheduleSpec],
        teams: dict[int, list[int]],
        users: dict[int, User],
        nowhere: dict[int, str],
    ) -> None:
        self.specs = specs
        self.teams = teams
        self.users = users
        self.nowhere = nowhere

    def reach(self, roles: Roles) -> Reach:
        """The question that escalation.plan asks, for a page whose steps may name these `roles`."""

        def behind(target: TargetSnapshot, at: datetime) -> list[Behind]:
            found = (person for person in self._named(target, at, roles) if person in self.users)
            return [Behind(person, self.nowhere.get(person, "")) for person in found]

        return behind

    def origin(self, target: TargetSnapshot | None, at: datetime) -> Origin:
        """Where the people of a schedule came from at `at`, for the record of why somebody was rung or was not."""
        is_schedule = target is not None and target.kind == TargetKind.ON_CALL and target.turn == 0
        spec = self.specs.get(int(target.key)) if target is not None and is_schedule else None
        if spec is None:
            return Origin()
        duty = resolve(spec, at)
        if duty.override is None:
            return Origin(duty.layer)
        planned = resolve(replace(spec, overrides=()), at)
        gone = tuple(int(str(person)) for person in planned.users if person not in duty.users)
        return Origin(duty.layer, duty.override if isinstance(duty.override, int) else None, gone)

    def _named(self, target: TargetSnapshot, at: datetime, roles: Roles) -> Iterable[int]:
        match target.kind:
            case TargetKind.PERSON:
                return [int(target.key)]
            case TargetKind.ON_CALL:
                spec = self.specs.get(int(target.key))
                return [int(str(person)) for person in next_in_turn(spec, at, target.turn)] if spec else []
            case TargetKind.TEAM:
                return self.teams.get(int(target.key), [])
            case TargetKind.ROLE:
                return roles.get(str(target.key), [])
        return []


PEOPLE = Prepared(
    lambda: User.objects.filter(among_keys("pk", "people")).annotate(has_a_way=has_a_way()).order_by("pk")
)


def people_of(
    snapshots: Iterable[PolicySnapshot], roles: Iterable[Roles], start: datetime, end: datetime | None = None
) -> People:
    """Fetch whoever `snapshots` may reach from `start` to `end` (a moment, unless given), in seven queries at most."""
    snapshots = list(snapshots)
    targets = [target for snapshot in snapshots for step in snapshot.steps for target in step.targets]
    specs = _specs({int(t.key) for t in targets if t.kind == TargetKind.ON_CALL}, start, end)
    teams = _teams({int(t.key) for t in targets if t.kind == TargetKind.TEAM})
    wanted = {int(t.key) for t in targets if t.kind == TargetKind.PERSON}
    wanted |= {snapshot.last_resort for snapshot in snapshots if snapshot.last_resort is not None}
    wanted |= {person for named in roles for people in named.values() for person in people}
    wanted |= {person for members in teams.values() for person in members}
    wanted |= {person for spec in specs.values() for person in map(int, map(str, spec.people()))}
    users: dict[int, Any] = {user.pk: user for user in PEOPLE.rows(people=sorted(wanted))} if wanted else {}
    nowhere = {user.pk: why_not for user in users.values() if (why_not := _why_not(user))}
    return People(specs, teams, users, nowhere)


def _why_not(user: Any) -> str:
    if not user.is_active:
        return "the account is switched off"
    return "" if user.has_a_way else "no contact point that is switched on"


def _specs(schedules: set[int], start: datetime, end: datetime | None) -> dict[int, ScheduleSpec]:
    if not schedules:
        return {}
    if end is None:
        return {schedule.pk: spec_of(schedule) for schedule in layers_at(start, keys=schedules)}
    rows = with_layers(Schedule.objects.filter(pk__in=schedules), start, end)
    return {schedule.pk: spec_of(schedule) for schedule in rows}


def _teams(teams: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    if teams:
        rows = Team.members.through.objects.filter(team_id__in=teams).order_by("user__handle")
        for team, user in rows.values_list("team_id", "user_id"):
            found.setdefault(team, []).append(user)
    return found
