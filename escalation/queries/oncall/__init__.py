"""Who is on call: rows as data for the pure escalation.oncall (rows), and its answers by name (line)."""

from escalation.queries.oncall.line import (
    GAP_AHEAD,
    LOOK_AHEAD,
    NamedShift,
    OnCallRow,
    instant_of,
    on_call_board,
    on_call_in,
    on_call_now,
    on_call_of,
    shifts_between,
)
from escalation.queries.oncall.rows import (
    all_with_layers,
    asked_together,
    fixed_spec,
    layers_at,
    override_spec,
    rotation_spec,
    spec_of,
    temporary_spec,
    with_layers,
)

__all__ = [
    "GAP_AHEAD",
    "LOOK_AHEAD",
    "NamedShift",
    "OnCallRow",
    "all_with_layers",
    "asked_together",
    "fixed_spec",
    "instant_of",
    "layers_at",
    "on_call_board",
    "on_call_in",
    "on_call_now",
    "on_call_of",
    "override_spec",
    "rotation_spec",
    "shifts_between",
    "spec_of",
    "temporary_spec",
    "with_layers",
]
