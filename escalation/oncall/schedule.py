"""A whole schedule: layers by rank, overrides and temporary schedules by age, and the final line."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from core.wall import EPOCH, MICROSECOND
from escalation.enums import OverrideKind
from escalation.oncall.fixed import FixedShifts, FixedSpec, fixed_spans
from escalation.oncall.rotation import RotationSpec, rotation_spans, turn_at, users_of
from escalation.oncall.spans import Manned, People, Person, together

Layer = RotationSpec | FixedSpec


@dataclass(frozen=True)
class OverrideSpec:
    """A span in which somebody else is on call."""

    key: Hashable
    kind: str
    start: datetime
    end: datetime
    user: Person | None = None
    replaced: Person | None = None


@dataclass(frozen=True)
class TemporarySpec:
    """A span in which only `shifts` count, and nobody is on call where there is none."""

    key: Hashable
    start: datetime
    end: datetime
    shifts: FixedShifts = ()
    name: str = ""


@dataclass(frozen=True)
class ScheduleSpec:
    """A schedule as data: layers in any order; what overrides them oldest first, the newest has the last word."""

    rotations: tuple[RotationSpec, ...] = ()
    overrides: tuple[OverrideSpec | TemporarySpec, ...] = ()
    fixed: tuple[FixedSpec, ...] = ()

    def people(self) -> set[Person]:
        """Everybody whom a layer or an override names."""
        named = {user for rotation in self.rotations for users in rotation.turns for user in users}
        planned = [shift for one in self.fixed for shift in one.shifts]
        for one in self.overrides:
            if isinstance(one, TemporarySpec):
                planned += one.shifts
            elif one.user is not None:
                named.add(one.user)
        return named | {user for _, _, users in planned for user in users}


@dataclass(frozen=True)
class Duty:
    """Who is on call, from which layer, and the key of the newest override that changed it."""

    users: People = ()
    layer: str = ""
    override: Hashable | None = None


class Shift(NamedTuple):
    """A final interval, its end exclusive; nobody on call is no shift. Moments are aware, in UTC."""

    start: datetime
    end: datetime
    users: People
    layer: str
    override: Hashable | None


def resolve(spec: ScheduleSpec, at: datetime) -> Duty:
    """Who is on call at `at`; a Duty without users when nobody is."""
    return next(duty for _, _, duty in _line(spec, at, at + MICROSECOND))


def shifts(spec: ScheduleSpec, start: datetime, end: datetime) -> list[Shift]:
    """The final intervals of [`start`, `end`), in order, without overlap; a moment that is in none has nobody.

    Neighbours with the same people, layer and override are one.
    """
    final = []
    for began, ended, duty in _line(spec, start, end):
        if duty.users:
            began_at, ended_at = EPOCH + began * MICROSECOND, EPOCH + ended * MICROSECOND
            final.append(Shift(began_at, ended_at, duty.users, duty.layer, duty.override))
    return final


def with_gaps(line: Sequence[Shift], start: datetime, end: datetime) -> list[Shift]:
    """The line with a Shift of nobody wherever nobody is on call."""
    whole: list[Shift] = []
    for shift in [*line, Shift(end, end, (), "", None)]:
        if shift.start > start:
            whole.append(Shift(start, shift.start, (), "", None))
        if shift.end > shift.start:
            whole.append(shift)
        start = shift.end
    return whole


def layer_shifts(layer: Layer, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, People]]:
    """Who one layer has when inside [`start`, `end`), as (start, end, people), in order, cut at the window."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    began, ended = (start - EPOCH) // MICROSECOND, (end - EPOCH) // MICROSECOND
    for one, other, users in _spans(layer, began, ended, (start.year, end.year)):
        yield EPOCH + one * MICROSECOND, EPOCH + other * MICROSECOND, users


def next_in_turn(spec: ScheduleSpec, at: datetime, turn: int) -> People:
    """Who comes `turn` places after those on call at `at` in the layer that counts then; 0 is resolve() itself.

    In a rotation by its turns, in a layer of single shifts by the shifts that begin later. Those on call now are
    passed over, and the overrides of `at` that replace or remove a person hold for the next one as well. Empty when
    the layer has not that many.
    """
    present = resolve(spec, at).users
    if turn == 0:
        return present
    named = [
        o
        for o in spec.overrides
        if isinstance(o, OverrideSpec)
        and o.start <= at < o.end
        and o.kind in {OverrideKind.REPLACE, OverrideKind.REMOVE}
    ]
    layers: tuple[Layer, ...] = (*spec.rotations, *spec.fixed)
    running = [one for one in layers if any(layer_shifts(one, at, at + MICROSECOND))]
    for following in _following(max(running, key=lambda one: one.rank), at) if running else ():
        users = following
        for override in named:
            users = _after(override, users)
        users = tuple(user for user in users if user not in present)
        turn -= bool(users)
        if turn == 0:
            return users
    return ()


def _following(layer: Layer, at: datetime) -> Iterator[People]:
    """The people of the turns after that of `at`, once around; of single shifts those that begin later, each once."""
    if isinstance(layer, RotationSpec):
        turn = turn_at(layer, at) or 0
        yield from (users_of(layer, turn + place) for place in range(1, len(layer.turns)))
        return
    later = sorted((shift for shift in layer.shifts if shift[0] > at), key=lambda shift: shift[0])
    yield from dict.fromkeys(users for _, _, users in later)


def _spans(layer: Layer, start: int, end: int, years: tuple[int, int]) -> list[Manned]:
    if isinstance(layer, FixedSpec):
        return fixed_spans(layer.shifts, start, end)
    return rotation_spans(layer, start, end, years)


class _Lane:
    """One layer or temporary schedule while the line is walked: its spans, and how far it is."""

    def __init__(self, rank: int, name: str, spans: Sequence[Manned]) -> None:
        self.rank, self.name, self.spans, self.at = rank, name, spans, 0

    def users_at(self, moment: int) -> People:
        """Who it has at `moment`; asked in the order of time."""
        spans, at = self.spans, self.at
        while at < len(spans) and spans[at][1] <= moment:
            at += 1
        self.at = at
        return spans[at][2] if at < len(spans) and spans[at][0] <= moment else ()


class _Overriding:
    """One override or temporary schedule while the line is walked; its edges are those inside the window."""

    def __init__(self, spec: OverrideSpec | TemporarySpec, start: int, end: int) -> None:
        self.spec = spec
        self.start = max(start, (spec.start - EPOCH) // MICROSECOND)
        self.end = min(end, (spec.end - EPOCH) // MICROSECOND)
        planned = spec.shifts if isinstance(spec, TemporarySpec) else ()
        self.lane = _Lane(0, "", fixed_spans(planned, self.start, self.end))

    def applied(self, duty: Duty, moment: int) -> Duty:
        """`duty` after it."""
        spec = self.spec
        if isinstance(spec, TemporarySpec):
            return Duty(self.lane.users_at(moment), spec.name, spec.key)
        users = _after(spec, duty.users)
        return duty if users == duty.users else Duty(users, duty.layer, spec.key)


def _line(spec: ScheduleSpec, start: datetime, end: datetime) -> Iterator[tuple[int, int, Duty]]:
    """Every stretch of [`start`, `end`) with its duty, in microseconds; stretches without people included."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    years = (start.year, end.year)
    first, last = (start - EPOCH) // MICROSECOND, (end - EPOCH) // MICROSECOND
    if first >= last:
        return
    layers: list[Layer] = sorted((*spec.rotations, *spec.fixed), key=lambda layer: -layer.rank)
    lanes = [_Lane(layer.rank, layer.name, _spans(layer, first, last, years)) for layer in layers]
    lanes = [lane for lane in lanes if lane.spans]
    overriding = [_Overriding(one, first, last) for one in spec.overrides]
    overriding = [one for one in overriding if one.start < one.end]
    edges = {edge for one in overriding for edge in (one.start, one.end)}
    cuts = {first, last, *edges}
    for lane in (*lanes, *(one.lane for one in overriding)):
        for began, ended, _ in lane.spans:
            cuts.add(began)
            cuts.add(ended)
    yield from _walked(sorted(cuts), lanes, overriding, edges)


def _walked(
    cuts: Sequence[int], lanes: Sequence[_Lane], overriding: Sequence[_Overriding], edges: set[int]
) -> Iterator[tuple[int, int, Duty]]:
    """The line between all `cuts`; neighbours with the same duty are one."""
    since, last = cuts[0], None
    active: list[_Overriding] = [one for one in overriding if one.start <= since < one.end]
    for moment, _ in pairwise(cuts):
        if moment in edges:
            active = [one for one in overriding if one.start <= moment < one.end]
        users, name = _highest(lanes, moment)
        if active:
            duty = Duty(users, name)
            for one in active:
                duty = one.applied(duty, moment)
        elif last is not None and last.users == users and last.layer == name and last.override is None:
            continue
        else:
            duty = Duty(users, name)
        if duty != last:
            if last is not None:
                yield since, moment, last
            since, last = moment, duty
    if last is not None:
        yield since, cuts[-1], last


def _highest(lanes: Sequence[_Lane], moment: int) -> tuple[People, str]:
    """The people of the highest rank that has any, everybody of that rank together, and the names of their layers."""
    present: list[tuple[_Lane, People]] = []
    for lane in lanes:
        if present and lane.rank < present[0][0].rank:
            break
        if users := lane.users_at(moment):
            present.append((lane, users))
    if len(present) == 1:
        return present[0][1], present[0][0].name
    names = dict.fromkeys(lane.name for lane, _ in present)
    return together(users for _, users in present), " + ".join(names)


def _after(override: OverrideSpec, users: People) -> People:
    if override.kind == OverrideKind.COVER:
        return (override.user,)
    if override.kind == OverrideKind.ADD:
        return tuple(dict.fromkeys((*users, override.user)))
    if override.kind == OverrideKind.REPLACE:
        return tuple(dict.fromkeys(override.user if user == override.replaced else user for user in users))
    return tuple(user for user in users if user != override.replaced)
