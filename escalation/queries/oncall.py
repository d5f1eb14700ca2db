"""Reads schedules as data for oncall.py, and answers who is on call in a fixed number of queries.

Temporary schedules and single shifts cost three queries more, and only where a schedule of the answer has any.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects

from accounts.models import User
from core.moments import parse_duration
from core.wall import instant
from core.windows import EVERY_DAY, windows_of
from escalation.models import (
    FixedLayer,
    FixedShift,
    Override,
    Rotation,
    RotationMember,
    Schedule,
    TemporarySchedule,
)
from escalation.oncall import (
    FixedSpec,
    OverrideSpec,
    RotationSpec,
    ScheduleSpec,
    Shift,
    TemporarySpec,
    next_in_turn,
    shifts,
)

LOOK_AHEAD = timedelta(days=14)
GAP_AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class NamedShift:
    """A Shift with its people; `is_now` for the one that is on. A gap is one without people and without a layer."""

    start: datetime
    end: datetime
    users: list[User]
    layer: str
    override: Override | TemporarySchedule | None
    is_now: bool

    @property
    def is_gap(self) -> bool:
        """Whether nobody is on call; false when somebody is who cannot be rung."""
        return not self.users and not self.layer and self.override is None


@dataclass(frozen=True)
class OnCallRow:
    """One schedule on the board: who is on call, until when (None: for longer than two weeks), and who comes next.

    `gap_at` is the first moment of the next seven days at which nobody is on call, None when there is none.
    """

    schedule: Schedule
    users: list[User]
    until: datetime | None
    upcoming: list[NamedShift]
    gap_at: datetime | None = None


def with_layers(schedules: Any, start: datetime, end: datetime) -> list[Schedule]:
    """`schedules` (a QuerySet) with all that a spec of [`start`, `end`) needs, in four queries, or in seven."""
    temporary = TemporarySchedule.objects.filter(cancelled_at__isnull=True, starts_at__lt=end, ends_at__gt=start)
    found = list(
        schedules.annotate(
            has_plans=Exists(temporary.filter(schedule=OuterRef("pk")))
            | Exists(FixedLayer.objects.filter(schedule=OuterRef("pk")))
        ).prefetch_related(
            Prefetch("rotations", Rotation.objects.select_related("hours").order_by("pk")),
            Prefetch("rotations__places", RotationMember.objects.order_by("position", "pk")),
            Prefetch("overrides", _overrides_in(start, end), to_attr="overrides_in_window"),
        )
    )
    _add_plans([schedule for schedule in found if schedule.has_plans], temporary, start, end)
    return found


def _add_plans(schedules: Sequence[Schedule], temporary: Any, start: datetime, end: datetime) -> None:
    """Fetch what a spec needs of the temporary schedules and fixed layers of `schedules`, if there are any."""
    if not schedules:
        return
    shifts = FixedShift.objects.filter(starts_at__lt=end, ends_at__gt=start).order_by("starts_at", "pk")
    prefetch_related_objects(
        schedules,
        Prefetch(
            "temporary_schedules",
            temporary.select_related("created_by").order_by("created_at", "pk"),
            to_attr="plans_in_window",
        ),
        Prefetch("fixed_layers", FixedLayer.objects.order_by("pk"), to_attr="fixed_layers_in_window"),
    )
    plans = [plan for schedule in schedules for plan in schedule.plans_in_window]  # type: ignore[attr-defined]
    layers = [layer for schedule in schedules for layer in schedule.fixed_layers_in_window]  # type: ignore[attr-defined]
    owned: dict[tuple[int | None, int | None], list[FixedShift]] = {}
    for shift in shifts.filter(Q(temporary__in=plans) | Q(layer__in=layers)):
        owned.setdefault((shift.temporary_id, shift.layer_id), []).append(shift)
    for plan in plans:
        plan.shifts_in_window = owned.get((plan.pk, None), [])
    for layer in layers:
        layer.shifts_in_window = owned.get((None, layer.pk), [])


def spec_of(schedule: Schedule) -> ScheduleSpec:
    """A schedule that `with_layers` has fetched, as data; people are ids of users. Makes no query.

    Keys: a rotation, an override and a row of another kind may have the same id, so those of temporary schedules and
    fixed layers are pairs, (“temporary”, id) and (“fixed”, id), and that of a rotation is (“rotation”, id).
    """
    aged: list[Override | TemporarySchedule] = [*schedule.overrides_in_window]  # type: ignore[attr-defined]
    aged += getattr(schedule, "plans_in_window", [])
    aged.sort(key=lambda one: one.created_at)
    return ScheduleSpec(
        rotations=tuple(rotation_spec(rotation, schedule) for rotation in schedule.rotations.all()),
        overrides=tuple(
            override_spec(one) if isinstance(one, Override) else temporary_spec(one, one.shifts_in_window)  # type: ignore[attr-defined]
            for one in aged
        ),
        fixed=tuple(fixed_spec(one, one.shifts_in_window) for one in getattr(schedule, "fixed_layers_in_window", [])),
    )


def spec_between(schedule: Schedule, start: datetime, end: datetime) -> ScheduleSpec:
    """The saved `schedule` as data, with all that counts in [`start`, `end`); an empty one when it is gone."""
    rows = with_layers(Schedule.objects.filter(pk=schedule.pk), start, end)
    return spec_of(rows[0]) if rows else ScheduleSpec()


def override_spec(override: Override) -> OverrideSpec:
    """One override as data, saved or not."""
    return OverrideSpec(
        key=override.pk,
        kind=override.kind,
        start=override.starts_at,
        end=override.ends_at,
        user=override.user_id,
        replaced=override.replaced_id,
    )


def temporary_spec(temporary: TemporarySchedule, shifts: Iterable[FixedShift]) -> TemporarySpec:
    """One temporary schedule as data, with its `shifts`, saved or not."""
    return TemporarySpec(
        key=("temporary", temporary.pk) if temporary.pk else None,
        start=temporary.starts_at,
        end=temporary.ends_at,
        shifts=tuple((shift.starts_at, shift.ends_at, (shift.user_id,)) for shift in shifts),
        name=temporary.name,
    )


def fixed_spec(layer: FixedLayer, shifts: Iterable[FixedShift]) -> FixedSpec:
    """One layer of single shifts as data, with its `shifts`, saved or not."""
    return FixedSpec(
        shifts=tuple((shift.starts_at, shift.ends_at, (shift.user_id,)) for shift in shifts),
        rank=layer.rank,
        name=layer.name,
        key=("fixed", layer.pk) if layer.pk else None,
    )


def rotation_spec(
    rotation: Rotation, schedule: Schedule, turns: Sequence[Sequence[User]] | None = None
) -> RotationSpec:
    """One layer as data, saved or not; places of the same position are on call together.

    Its people are those of `turns`, or without them the places that are saved.
    """
    if turns is None:
        places = groupby(rotation.places.all(), key=lambda place: place.position)
        people = tuple(tuple(place.user_id for place in turn) for _, turn in places)
    else:
        people = tuple(tuple(user.pk for user in turn) for turn in turns)
    hours = (rotation.hours.calendar.window,) if rotation.hours else ()
    return RotationSpec(
        turns=people,
        unit=rotation.unit,
        length=rotation.length,
        starts_on=rotation.starts_on,
        hands_off_at=rotation.hands_off_at,
        zone=ZoneInfo(rotation.time_zone or schedule.time_zone),
        rank=rotation.rank,
        name=rotation.name,
        starts_at=rotation.starts_at,
        ends_at=rotation.ends_at,
        active_days=tuple(rotation.active_days) or EVERY_DAY,
        shift_length=parse_duration(rotation.shift_length) if rotation.shift_length else None,
        windows=windows_of(tuple(rotation.restrictions)) + hours,
        key=("rotation", rotation.pk) if rotation.pk else None,
    )


def instant_of(day: date, clock: time, zone: str) -> datetime:
    """The instant of a wall time in `zone`, an IANA name, as hand-offs are read."""
    return instant(datetime.combine(day, clock), ZoneInfo(zone))


def on_call_now(schedule: Schedule, at: datetime) -> list[User]:
    """Who is on call in `schedule` at `at`, people who were deactivated left out."""
    return on_call_in([(schedule.pk, 0)], at)[schedule.pk, 0]


def on_call_in(asked: Iterable[tuple[int, int]], at: datetime) -> dict[tuple[int, int], list[User]]:
    """For each (id of a schedule, turn) who is on call there at `at` (turn 0) or so many turns later.

    Five queries, however many are asked. A schedule that is gone has nobody.
    """
    wanted = set(asked)
    specs: dict[int, ScheduleSpec] = {}
    if wanted:
        rows = with_layers(
            Schedule.objects.filter(pk__in={pk for pk, _ in wanted}), at, at + timedelta(microseconds=1)
        )
        specs = {schedule.pk: spec_of(schedule) for schedule in rows}
    found = {(pk, turn): next_in_turn(specs[pk], at, turn) if pk in specs else () for pk, turn in sorted(wanted)}
    people = _people({user for users in found.values() for user in users})
    return {key: [people[user] for user in users if user in people] for key, users in found.items()}


def on_call_board(now: datetime) -> list[OnCallRow]:
    """Every schedule with who is on call now, until when, and the shifts of the next two weeks. Five queries."""
    schedules = with_layers(Schedule.objects.order_by("name"), now, now + LOOK_AHEAD)
    lines = {schedule.pk: shifts(spec_of(schedule), now, now + LOOK_AHEAD) for schedule in schedules}
    people = _people({user for line in lines.values() for shift in line for user in shift.users})
    return [_row(schedule, _named(schedule, lines[schedule.pk], people, now), now) for schedule in schedules]


def shifts_between(schedule: Schedule, start: datetime, end: datetime, now: datetime) -> list[NamedShift]:
    """The final shifts of one schedule with their people, and the gaps between them, in five queries."""
    fetched = with_layers(Schedule.objects.filter(pk=schedule.pk), start, end)[0]
    line = _with_gaps(shifts(spec_of(fetched), start, end), start, end)
    return _named(fetched, line, _people({user for shift in line for user in shift.users}), now)


def _overrides_in(start: datetime, end: datetime) -> Any:
    """Overrides that count in the window, oldest first: a later one has the last word."""
    counting = Override.objects.filter(cancelled_at__isnull=True, starts_at__lt=end, ends_at__gt=start)
    return counting.select_related("created_by").order_by("created_at", "pk")


def _with_gaps(line: Sequence[Shift], start: datetime, end: datetime) -> list[Shift]:
    """The line with a Shift of nobody wherever nobody is on call."""
    whole: list[Shift] = []
    for shift in [*line, Shift(end, end, (), "", None)]:
        if shift.start > start:
            whole.append(Shift(start, shift.start, (), "", None))
        if shift.end > shift.start:
            whole.append(shift)
        start = shift.end
    return whole


def _people(ids: set[Any]) -> dict[Any, User]:
    return User.objects.filter(is_active=True).in_bulk(sorted(ids)) if ids else {}


def _named(schedule: Schedule, line: Sequence[Shift], people: dict[Any, User], now: datetime) -> list[NamedShift]:
    overrides = {override.pk: override for override in schedule.overrides_in_window}  # type: ignore[attr-defined]
    overrides |= {("temporary", plan.pk): plan for plan in getattr(schedule, "plans_in_window", [])}
    return [
        NamedShift(
            start=shift.start,
            end=shift.end,
            users=[people[user] for user in shift.users if user in people],
            layer=shift.layer,
            override=overrides.get(shift.override),
            is_now=shift.start <= now < shift.end,
        )
        for shift in line
    ]


def _row(schedule: Schedule, line: list[NamedShift], now: datetime) -> OnCallRow:
    """Neighbours with the same people count as one when it is asked how long they stay."""
    present = next((shift for shift in line if shift.is_now), None)
    until = present.end if present else None
    rest = [shift for shift in line if not shift.is_now]
    for shift in rest:
        if present and shift.start == until and shift.users == present.users:
            until = shift.end
    if until is not None and until >= now + LOOK_AHEAD:
        until = None
    return OnCallRow(schedule, present.users if present else [], until, rest, _first_gap(line, now))


def _first_gap(line: Iterable[NamedShift], now: datetime) -> datetime | None:
    """The first moment of the next seven days that no shift of `line` covers."""
    covered = now
    for shift in line:
        if shift.start > covered:
            break
        covered = shift.end
    return covered if covered < now + GAP_AHEAD else None
