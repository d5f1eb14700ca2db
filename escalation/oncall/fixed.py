"""A layer of single shifts: what was typed one by one, or came from a calendar."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.wall import EPOCH, MICROSECOND
from escalation.oncall.spans import Manned, People, disjoint

FixedShifts = tuple[tuple[datetime, datetime, People], ...]
"""(start, end, people), aware, in any order; where they overlap everybody is on call."""


@dataclass(frozen=True)
class FixedSpec:
    """One layer: people from one moment to another, and nobody in between."""

    shifts: FixedShifts
    rank: int = 0
    name: str = ""
    key: Hashable = None


def fixed_spans(shifts: Sequence[tuple[datetime, datetime, People]], start: int, end: int) -> list[Manned]:
    """`shifts` inside [`start`, `end`), in order, cut at the window, without overlap."""
    spans = [
        (max((began - EPOCH) // MICROSECOND, start), min((ended - EPOCH) // MICROSECOND, end), users)
        for began, ended, users in shifts
    ]
    order = (user for _, _, users in shifts for user in users)
    return disjoint([span for span in spans if span[0] < span[1]], order)
