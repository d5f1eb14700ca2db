"""The lines of a schedule before they are drawn: what is in force, overrides, layers; each with people and words."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from core.lines import list_names
from core.moments import show_clock, show_weekday
from escalation.enums import OverrideKind
from escalation.models import Override, Schedule, TemporarySchedule
from escalation.oncall import (
    FixedSpec,
    RotationSpec,
    ScheduleSpec,
    Shift,
    TemporarySpec,
    layer_shifts,
    shifts,
    with_gaps,
)
from escalation.queries.oncall import spec_of, with_layers

# How far beyond the window shifts are looked for, so that their words say when they really begin and end.
LOOK_AROUND = timedelta(days=35)


@dataclass(frozen=True)
class Zones:
    """Whose clock a moment is read on: the viewer's first, the schedule's too where it shows another time."""

    viewer: ZoneInfo
    schedule: ZoneInfo

    def differ(self, moment: datetime) -> bool:
        """Whether the two clocks show different times at `moment`."""
        return moment.astimezone(self.viewer).utcoffset() != moment.astimezone(self.schedule).utcoffset()

    def there(self, moment: datetime) -> str:
        """The schedule's clock at `moment`: `09:00 CEST`, with the day when it is another one than the viewer's."""
        if moment.astimezone(self.viewer).date() == moment.astimezone(self.schedule).date():
            return show_clock(moment, self.schedule)
        return show_weekday(moment, self.schedule)

    def words(self, moment: datetime) -> str:
        """`Mon 6 Apr 03:00 EDT (09:00 CEST in Europe/Berlin)`."""
        here = show_weekday(moment, self.viewer)
        return f"{here} ({self.there(moment)} in {self.schedule.key})" if self.differ(moment) else here


@dataclass(frozen=True)
class Span:
    """One interval of one line, [`start`, `end`) in UTC. `goes_on`: it is cut where nobody looked further."""

    start: datetime
    end: datetime
    users: tuple[User, ...]
    layer: str = ""
    override: Override | TemporarySchedule | None = None
    began_before: bool = False
    goes_on: bool = False

    @property
    def is_gap(self) -> bool:
        """Whether nobody is on call."""
        return not self.users

    @property
    def who(self) -> str:
        """`Ana and Ben`, or that nobody is there."""
        return names_of(self.users) if self.users else "No coverage"

    @property
    def nobody_rings(self) -> bool:
        """Whether all who are on call were switched off."""
        return bool(self.users) and not any(user.is_active for user in self.users)

    def words(self, zones: Zones) -> str:
        """The whole shift in one line, for whoever cannot see the drawing."""
        start = ("since before " if self.began_before else "") + zones.words(self.start)
        end = ("after " if self.goes_on else "") + zones.words(self.end)
        why = [self.layer] if self.layer else []
        why += [f"override: {words_of(self.override)}"] if self.override else []
        return ", ".join([f"{self.who}: {start} to {end}", *why])


@dataclass(frozen=True)
class Line:
    """One row: `kind` is final, override or layer."""

    name: str
    kind: str
    spans: list[Span]
    note: str = ""


@dataclass(frozen=True)
class Lines:
    """A schedule's rows in the order in which they win, the result first, and everybody who stands in them."""

    final: Line
    beneath: list[Line]
    people: list[User]
    spec: ScheduleSpec


def names_of(users: Iterable[User]) -> str:
    """`Ana, Ben and Eva`; who was switched off is called so."""
    return list_names([user.get_short_name() + ("" if user.is_active else " (switched off)") for user in users])


def words_of(override: Override | TemporarySchedule) -> str:
    """What an override says: `Ben instead of Ana`, and its reason; a temporary schedule by its name."""
    if isinstance(override, TemporarySchedule):
        return f"temporary schedule “{override.name}”"
    user, replaced = (each.get_short_name() if each else "" for each in (override.user, override.replaced))
    said = {
        OverrideKind.COVER: f"{user} covers",
        OverrideKind.ADD: f"{user} as well",
        OverrideKind.REPLACE: f"{user} instead of {replaced}",
        OverrideKind.REMOVE: f"{replaced} is off",
    }[OverrideKind(override.kind)]
    return f"{said} ({override.reason})" if override.reason else said


def lines_of(schedule: Schedule, start: datetime, end: datetime) -> Lines:
    """Every line of [`start`, `end`), in five queries, or in eight where single shifts are planned.

    Gaps of the final line are spans without people.
    """
    early, late = start - LOOK_AROUND, end + LOOK_AROUND
    fetched = with_layers(Schedule.objects.filter(pk=schedule.pk), early, late)[0]
    spec, overriding = spec_of(fetched), overriding_of(fetched)
    people = people_of([spec], overriding.values())
    final = [
        Span(shift.start, shift.end, _users(shift.users, people), shift.layer, overriding.get(shift.override))
        for shift in with_gaps(shifts(spec, early, late), early, late)
    ]
    said = [one for one in overriding.values() if isinstance(one, Override)]
    beneath = _lanes([Span(o.starts_at, o.ends_at, _named_in(o), "", o) for o in said])
    beneath += [_plan_line(one, overriding, people) for one in spec.overrides if isinstance(one, TemporarySpec)]
    layers: list[RotationSpec | FixedSpec] = sorted((*spec.rotations, *spec.fixed), key=lambda layer: -layer.rank)
    for layer in layers:
        spans = [Span(*shift[:2], _users(shift[2], people), layer.name) for shift in layer_shifts(layer, early, late)]
        beneath.append(Line(layer.name, "layer", spans, _zone_of(layer, schedule)))
    beneath = [_within(line, start, end, early, late) for line in beneath]
    beneath = [line for line in beneath if line.spans or line.kind == "layer"]
    line = _within(Line("On call", "final", final), start, end, early, late)
    seen = {user for each in [line, *beneath] for span in each.spans for user in span.users}
    return Lines(line, beneath, sorted(seen, key=lambda user: user.handle), spec)


def overriding_of(schedule: Schedule) -> dict[Hashable, Override | TemporarySchedule]:
    """What overrides the layers of a schedule that `with_layers` has fetched, by the keys of its spec."""
    found: dict[Hashable, Override | TemporarySchedule] = {
        ("temporary", plan.pk): plan for plan in getattr(schedule, "plans_in_window", [])
    }
    found |= {override.pk: override for override in schedule.overrides_in_window}  # type: ignore[attr-defined]
    return found


def people_of(
    specs: Iterable[ScheduleSpec], overriding: Iterable[Override | TemporarySchedule]
) -> dict[Hashable, User]:
    """Everybody whom `specs` name, switched off or not, by their ids: one query, which `overriding` know as well."""
    named = [(one, role) for one in overriding for role in _roles_of(one)]
    ids: set[Any] = {user for spec in specs for user in spec.people()}
    ids |= {getattr(one, f"{role}_id") for one, role in named} - {None}
    people: dict[Hashable, User] = dict(User.objects.in_bulk(sorted(ids))) if ids else {}
    for one, role in named:
        setattr(one, role, people.get(getattr(one, f"{role}_id")))
    return people


def _named_in(override: Override) -> tuple[User, ...]:
    """Whom an override is about: who comes, or who is off."""
    person = override.user or override.replaced
    return (person,) if person else ()


def _roles_of(one: Override | TemporarySchedule) -> tuple[str, ...]:
    return ("user", "replaced", "created_by") if isinstance(one, Override) else ("created_by",)


def _plan_line(
    plan: TemporarySpec, overriding: dict[Hashable, Override | TemporarySchedule], people: dict[Hashable, User]
) -> Line:
    """The row of a temporary schedule: its own shifts, and nobody in between."""
    planned = [
        Shift(*shift, plan.name, plan.key) for shift in layer_shifts(FixedSpec(plan.shifts), plan.start, plan.end)
    ]
    spans = [
        Span(shift.start, shift.end, _users(shift.users, people), shift.layer, overriding.get(plan.key))
        for shift in with_gaps(planned, plan.start, plan.end)
    ]
    return Line(f"Temporary: {plan.name}", "override", spans)


def _zone_of(layer: RotationSpec | FixedSpec, schedule: Schedule) -> str:
    """The zone of a layer that has another than its schedule."""
    zone = layer.zone.key if isinstance(layer, RotationSpec) else schedule.time_zone
    return "" if zone == schedule.time_zone else zone


def _users(ids: Iterable[Any], people: dict[Hashable, User]) -> tuple[User, ...]:
    return tuple(people[user] for user in ids if user in people)


def _lanes(overrides: list[Span]) -> list[Line]:
    """Overrides beside each other on one line, those that overlap on lines of their own."""
    lanes: list[list[Span]] = []
    for span in sorted(overrides, key=lambda span: span.start):
        lane = next((lane for lane in lanes if lane[-1].end <= span.start), None)
        if lane is None:
            lanes.append([span])
        else:
            lane.append(span)
    return [Line("Overrides", "override", lane) for lane in lanes]


def _within(line: Line, start: datetime, end: datetime, early: datetime, late: datetime) -> Line:
    """The spans that the window shows, whole, those that reach where nobody looked marked so."""
    seen = [span for span in line.spans if span.start < end and span.end > start]
    if line.kind != "override":
        seen = [replace(span, began_before=span.start <= early, goes_on=span.end >= late) for span in seen]
    return replace(line, spans=seen)
