"""A whole schedule: layers by rank, overrides by age, and the final line."""

from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from escalation.enums import OverrideKind
from escalation.oncall.rotation import Person, RotationSpec, layer_shifts, turn_at, users_of


@dataclass(frozen=True)
class OverrideSpec:
    """A span in which somebody else is on call. The order in ScheduleSpec.overrides is their age, oldest first."""

    key: Hashable
    kind: str
    start: datetime
    end: datetime
    user: Person | None = None
    replaced: Person | None = None


@dataclass(frozen=True)
class ScheduleSpec:
    """A schedule as data: layers in any order, overrides oldest first."""

    rotations: tuple[RotationSpec, ...] = ()
    overrides: tuple[OverrideSpec, ...] = ()


@dataclass(frozen=True)
class Duty:
    """Who is on call, from which layer, and the key of the newest override that changed it."""

    users: tuple[Person, ...] = ()
    layer: str = ""
    override: Hashable | None = None


@dataclass(frozen=True)
class Shift:
    """A final interval, its end exclusive; nobody on call is no shift. Moments are aware, in UTC."""

    start: datetime
    end: datetime
    users: tuple[Person, ...]
    layer: str
    override: Hashable | None


def resolve(spec: ScheduleSpec, at: datetime) -> Duty:
    """Who is on call at `at`; a Duty without users when nobody is."""
    present = [
        (rotation, users_of(rotation, turn))
        for rotation in spec.rotations
        if (turn := turn_at(rotation, at)) is not None
    ]
    return _overridden(_highest(present), [o for o in spec.overrides if o.start <= at < o.end])


def shifts(spec: ScheduleSpec, start: datetime, end: datetime) -> list[Shift]:
    """The final intervals of [`start`, `end`), in order, without overlap; a moment that is in none has nobody.

    Neighbours with the same people, layer and override are one.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    layers = [(rotation, deque(layer_shifts(rotation, start, end))) for rotation in spec.rotations]
    overrides = [o for o in spec.overrides if o.start < end and o.end > start]
    final: list[Shift] = []
    for began, ended in pairwise(_cuts(start, end, layers, overrides)):
        present = []
        for rotation, spans in layers:
            while spans and spans[0][1] <= began:
                spans.popleft()
            if spans and spans[0][0] <= began:
                present.append((rotation, spans[0][2]))
        duty = _overridden(_highest(present), [o for o in overrides if o.start <= began < o.end])
        if not duty.users:
            continue
        last = final[-1] if final else None
        if last and last.end == began and Duty(last.users, last.layer, last.override) == duty:
            final[-1] = Shift(last.start, ended, duty.users, duty.layer, duty.override)
        else:
            final.append(Shift(began, ended, duty.users, duty.layer, duty.override))
    return final


def next_in_turn(spec: ScheduleSpec, at: datetime, turn: int) -> tuple[Person, ...]:
    """Who comes `turn` places after those on call at `at` in the rotation that counts then; 0 is resolve() itself.

    Those on call now are passed over, and the overrides of `at` that replace or remove a person hold for the next one
    as well. Empty when the rotation has not that many turns.
    """
    present = resolve(spec, at).users
    if turn == 0:
        return present
    running = [(r, index) for r in spec.rotations if r.turns and (index := turn_at(r, at)) is not None]
    if not running:
        return ()
    rotation, index = max(running, key=lambda pair: pair[0].rank)
    named = [
        o for o in spec.overrides if o.start <= at < o.end and o.kind in {OverrideKind.REPLACE, OverrideKind.REMOVE}
    ]
    for place in range(1, len(rotation.turns)):
        users = _overridden(Duty(users_of(rotation, index + place)), named).users
        users = tuple(user for user in users if user not in present)
        turn -= bool(users)
        if turn == 0:
            return users
    return ()


def _highest(present: Sequence[tuple[RotationSpec, tuple[Person, ...]]]) -> Duty:
    """The highest rank that has people; everybody of that rank is on call together."""
    manned = [(rotation, users) for rotation, users in present if users]
    if not manned:
        return Duty()
    top = max(rotation.rank for rotation, _ in manned)
    chosen = [(rotation, users) for rotation, users in manned if rotation.rank == top]
    everybody = tuple(dict.fromkeys(user for _, users in chosen for user in users))
    return Duty(everybody, " + ".join(dict.fromkeys(rotation.name for rotation, _ in chosen)))


def _overridden(duty: Duty, overrides: Sequence[OverrideSpec]) -> Duty:
    """`duty` after `overrides`, oldest first: the newest has the last word, also over an older override."""
    for override in overrides:
        users = _after(override, duty.users)
        if users != duty.users:
            duty = Duty(users, duty.layer, override.key)
    return duty


def _after(override: OverrideSpec, users: tuple[Person, ...]) -> tuple[Person, ...]:
    if override.kind == OverrideKind.COVER:
        return (override.user,)
    if override.kind == OverrideKind.ADD:
        return tuple(dict.fromkeys((*users, override.user)))
    if override.kind == OverrideKind.REPLACE:
        return tuple(dict.fromkeys(override.user if user == override.replaced else user for user in users))
    return tuple(user for user in users if user != override.replaced)


def _cuts(
    start: datetime,
    end: datetime,
    layers: Sequence[tuple[RotationSpec, Iterable[tuple[datetime, datetime, tuple[Person, ...]]]]],
    overrides: Sequence[OverrideSpec],
) -> list[datetime]:
    """Every moment of the window at which something may change, in order, both edges included."""
    moments = {start, end} if start < end else set()
    for _, spans in layers:
        for span in spans:
            moments.update(span[:2])
    for override in overrides:
        moments.update((max(start, override.start), min(end, override.end)))
    return sorted(moments)
