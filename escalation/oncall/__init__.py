"""Who is on call: pure, and arithmetic.

A rotation's hand-offs are wall-clock moments, `start + k × length`, so the shift of any moment is found by division,
however old the rotation is. Where clocks change: a hand-off that does not exist happens at the first moment after the
gap, one that happens twice at its first occurrence, and a turn that would last no time is kept for the next shift
(decisions dst_gap, hourly_dst, zero_length_turn, month_end of the shared vectors).

People are whatever the caller tells them apart by: ids of users here, letters in the tests.
Nothing here reads a row: escalation.queries.oncall makes the specs.
"""

from escalation.oncall.rotation import Person, RotationSpec, layer_shifts, turn_at
from escalation.oncall.schedule import (
    Duty,
    OverrideSpec,
    ScheduleSpec,
    Shift,
    next_in_turn,
    resolve,
    shifts,
)

__all__ = [
    "Duty",
    "OverrideSpec",
    "Person",
    "RotationSpec",
    "ScheduleSpec",
    "Shift",
    "layer_shifts",
    "next_in_turn",
    "resolve",
    "shifts",
    "turn_at",
]
