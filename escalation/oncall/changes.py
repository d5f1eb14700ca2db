"""What an edit changes: who keeps their turn when others come and go, and where the final line differs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise, takewhile

from escalation.enums import ShiftUnit
from escalation.oncall.rotation import RotationSpec, turn_at
from escalation.oncall.schedule import ScheduleSpec, shifts
from escalation.oncall.spans import People


@dataclass(frozen=True)
class Change:
    """From `start` up to `end` it is `after` who is on call, no longer `before`; nobody is an empty tuple."""

    start: datetime
    end: datetime
    before: People
    after: People


def changed_shifts(before: ScheduleSpec, after: ScheduleSpec, start: datetime, end: datetime) -> list[Change]:
    """Where inside [`start`, `end`) other people are on call than before, in order; neighbours alike are one.

    The order of people who are on call together is no difference.
    """
    lines = [shifts(spec, start, end) for spec in (before, after)]
    cuts = sorted({edge for line in lines for shift in line for edge in shift[:2]})
    found: list[Change] = []
    at = [0, 0]
    for began, ended in pairwise(cuts):
        sides: list[People] = []
        for side, line in enumerate(lines):
            while at[side] < len(line) and line[at[side]].end <= began:
                at[side] += 1
            one = line[at[side]] if at[side] < len(line) else None
            sides.append(one.users if one and one.start <= began else ())
        if set(sides[0]) == set(sides[1]):
            continue
        last = found[-1] if found else None
        if last and last.end == began and [last.before, last.after] == sides:
            found[-1] = replace(last, end=ended)
        else:
            found.append(Change(began, ended, *sides))
    return found


def keep_present(before: RotationSpec, after: RotationSpec, now: datetime) -> RotationSpec:
    """`after` with its turns in the same circle, begun so that whoever has the turn of `now` in `before` has it still.

    When they left, the next of the old order who is still there has it. Only while the clockwork stays: another length
    or another first hand-off counts from its first turn.
    """
    turn = turn_at(before, now)
    if turn is None or not before.turns or not after.turns or _clockwork(before) != _clockwork(after):
        return after
    count = len(before.turns)
    order = [frozenset(before.turns[(turn + step) % count]) for step in range(count)]
    stands = _place_of_present(order, [frozenset(users) for users in after.turns])
    first = (stands - turn) % len(after.turns) if stands is not None else 0
    return replace(after, turns=(*after.turns[first:], *after.turns[:first]))


def _clockwork(rotation: RotationSpec) -> tuple[object, ...]:
    one = rotation
    counted = one.active_days if one.unit == ShiftUnit.ACTIVE_DAYS else ()
    return one.unit, one.length, one.starts_on, one.hands_off_at, one.zone, counted


def _place_of_present(order: Sequence[frozenset[object]], turns: Sequence[frozenset[object]]) -> int | None:
    """Where in `turns` the first of `order` stands who is in it; of several places where most is as it was."""
    for start, present in enumerate(order):
        places = [place for place, users in enumerate(turns) if present & users]
        if places:
            circle = [*order[start:], *order[:start]]
            return max(places, key=lambda place: _alike(circle, [*turns[place:], *turns[:place]]))
    return None


def _alike(one: Sequence[frozenset[object]], other: Sequence[frozenset[object]]) -> int:
    """How many turns are the same from the first one on, and from the last one back."""
    pairs = list(zip(one, other, strict=False))
    back = list(zip(reversed(one), reversed(other), strict=False))
    return sum(sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], side)) for side in (pairs, back))
