"""Who is on call: pure, and arithmetic.

A rotation's hand-offs are wall-clock moments, `start + k × length`, so the shift of any moment is found by division,
however old the rotation is. Where clocks change: a hand-off that does not exist happens at the first moment after the
gap, one that happens twice at its first occurrence, and a turn that would last no time is kept for the next shift
(decisions dst_gap, hourly_dst, zero_length_turn, month_end of the shared vectors). A restriction that ends at a time
that happens twice ends at its last occurrence (ambiguous_end).

People are whatever the caller tells them apart by: ids of users here, letters in the tests.
Nothing here reads a row: escalation.queries.oncall makes the specs.
"""

from escalation.oncall.changes import Change, changed_shifts, keep_present
from escalation.oncall.fixed import FixedSpec
from escalation.oncall.rotation import RotationSpec, turn_at
from escalation.oncall.schedule import (
    Duty,
    OverrideSpec,
    ScheduleSpec,
    Shift,
    TemporarySpec,
    layer_shifts,
    next_in_turn,
    resolve,
    shifts,
    with_gaps,
)
from escalation.oncall.spans import Person

__all__ = [
    "Change",
    "Duty",
    "FixedSpec",
    "OverrideSpec",
    "Person",
    "RotationSpec",
    "ScheduleSpec",
    "Shift",
    "TemporarySpec",
    "changed_shifts",
    "keep_present",
    "layer_shifts",
    "next_in_turn",
    "resolve",
    "shifts",
    "turn_at",
    "with_gaps",
]
