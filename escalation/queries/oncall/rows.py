"""Schedules as data for escalation.oncall.

Temporary schedules and single shifts cost three queries more, and only where a schedule of the answer has any.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateTimeField, Exists, OuterRef, Prefetch, Q, TextField, prefetch_related_objects
from django.db.models.functions import JSONArray

from accounts.models import User
from core.moments import parse_duration
from core.prepared import Given, Prepared, among, among_keys
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
from escalation.oncall import FixedSpec, OverrideSpec, RotationSpec, ScheduleSpec, TemporarySpec

NEXT_WITHIN = timedelta(days=14)
# The places of a rotation in their order, also in the query of the rotation itself: [[position, id of a user], …].
PLACE = ("position", "user_id")
PLACED = RotationMember.objects.order_by("position", "pk")
PLACES = ArraySubquery(PLACED.filter(rotation=OuterRef("pk")).values(place=JSONArray(*PLACE)))


def with_layers(schedules: Any, start: datetime, end: datetime) -> list[Schedule]:
    """`schedules` (a QuerySet) with all that a spec of [`start`, `end`) needs; at most three queries, or six.

    Of a layer of single shifts those that begin in the 14 days after `end` come as well: they say who is next.
    """
    return _with_rows(list(_planned(schedules, start, end)), start, end)


def all_with_layers(start: datetime, end: datetime) -> list[Schedule]:
    """Every schedule, by name, as `with_layers` brings them."""
    return _with_rows(EVERY_SCHEDULE.rows(start=start, end=end), start, end)


START, END = Given("start", DateTimeField()), Given("end", DateTimeField())
EVERY_SCHEDULE = Prepared(lambda: _planned(Schedule.objects.order_by("name"), START, END))
SCHEDULES = Prepared(
    lambda: _planned(
        Schedule.objects.filter(among_keys("pk", "keys") | Q(among("slug", "slugs", TextField()))), START, END
    )
)
ROTATIONS = Prepared(
    lambda: (
        Rotation.objects.filter(among_keys("schedule", "keys"))
        .select_related("hours")
        .annotate(taken=PLACES)
        .order_by("pk")
    )
)
OVERRIDES = Prepared(lambda: _overrides_in(START, END).filter(among_keys("schedule", "keys")))


def _with_rows(found: list[Schedule], start: datetime, end: datetime) -> list[Schedule]:
    """`found` with the rows beneath them, by queries that are prepared once."""
    asked = [schedule.pk for schedule in found]
    rotations = ROTATIONS.rows(keys=asked) if asked else []
    changed = [schedule.pk for schedule in found if schedule.has_overrides]  # type: ignore[attr-defined]
    overrides = OVERRIDES.rows(keys=changed, start=start, end=end) if changed else []
    for schedule in found:
        known: Any = schedule
        known.layers = [row for row in rotations if row.schedule_id == schedule.pk]
        known.overrides_in_window = [row for row in overrides if row.schedule_id == schedule.pk]
    _add_plans(found, start, end)
    return found


def _planned(schedules: Any, start: Any, end: Any) -> Any:
    """With whether they have overrides or temporary schedules in [`start`, `end`), or single shifts."""
    overrides = _overrides_in(start, end).filter(schedule=OuterRef("pk"))
    temporary = _temporary_in(start, end).filter(schedule=OuterRef("pk"))
    schedules = schedules.annotate(has_overrides=Exists(overrides))
    return schedules.annotate(has_plans=Exists(temporary) | Exists(FixedLayer.objects.filter(schedule=OuterRef("pk"))))


def _temporary_in(start: Any, end: Any) -> Any:
    return TemporarySchedule.objects.filter(cancelled_at__isnull=True, starts_at__lt=end, ends_at__gt=start)


@dataclass
class _Together:
    """What was asked about schedules, by the moment and their keys or slugs; `slugs` come with the first question."""

    slugs: frozenset[str] = frozenset()
    asked: set[tuple[datetime, int | str]] = field(default_factory=set)
    found: dict[tuple[datetime, int], Schedule] = field(default_factory=dict)


_together: ContextVar[_Together | None] = ContextVar("together", default=None)


@contextmanager
def asked_together(slugs: Iterable[str]) -> Iterator[None]:
    """While it lasts, the first who asks `layers_at` brings the schedules called `slugs`; nobody asks for one twice.

    For one transaction that plans pages and seats at the same moment.
    """
    before = _together.set(_Together(frozenset(slugs)))
    try:
        yield
    finally:
        _together.reset(before)


def layers_at(at: datetime, *, keys: Collection[int] = (), slugs: Collection[str] = ()) -> list[Schedule]:
    """The schedules with these primary keys or slugs, with all that a spec of the moment `at` needs."""
    together = _together.get() or _Together()
    wanted: set[int | str] = {*keys, *slugs, *together.slugs}
    new = [key for key in wanted if (at, key) not in together.asked]
    if new:
        primary, named = [key for key in new if isinstance(key, int)], [key for key in new if isinstance(key, str)]
        until = at + timedelta(microseconds=1)
        found = SCHEDULES.rows(keys=primary, slugs=named, start=at, end=until)
        for schedule in _with_rows(found, at, until):
            together.found[at, schedule.pk] = schedule
            together.asked |= {(at, schedule.pk), (at, schedule.slug)}
        together.asked |= {(at, key) for key in new}
    return [
        schedule
        for (moment, pk), schedule in together.found.items()
        if moment == at and (pk in keys or schedule.slug in slugs)
    ]


def _add_plans(found: Iterable[Schedule], start: datetime, end: datetime) -> None:
    """Fetch what a spec needs of the temporary schedules and fixed layers of those that have any."""
    schedules = [schedule for schedule in found if schedule.has_plans]  # type: ignore[attr-defined]
    if not schedules:
        return
    shifts = FixedShift.objects.filter(starts_at__lt=end + NEXT_WITHIN, ends_at__gt=start).order_by("starts_at", "pk")
    prefetch_related_objects(
        schedules,
        Prefetch(
            "temporary_schedules",
            _temporary_in(start, end).select_related("created_by").order_by("created_at", "pk"),
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
        rotations=tuple(rotation_spec(rotation, schedule) for rotation in schedule.layers),  # type: ignore[attr-defined]
        overrides=tuple(
            override_spec(one) if isinstance(one, Override) else temporary_spec(one, one.shifts_in_window)  # type: ignore[attr-defined]
            for one in aged
        ),
        fixed=tuple(fixed_spec(one, one.shifts_in_window) for one in getattr(schedule, "fixed_layers_in_window", [])),
    )


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
        fetched: list[tuple[int, int]] | None = getattr(rotation, "taken", None)
        places = PLACED.filter(rotation=rotation).values_list(*PLACE) if fetched is None else fetched
        people = tuple(tuple(user for _, user in turn) for _, turn in groupby(places, key=lambda place: place[0]))
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


def _overrides_in(start: Any, end: Any) -> Any:
    """Overrides that count in the window, oldest first: a later one has the last word."""
    counting = Override.objects.filter(cancelled_at__isnull=True, starts_at__lt=end, ends_at__gt=start)
    return counting.select_related("created_by").order_by("created_at", "pk")
