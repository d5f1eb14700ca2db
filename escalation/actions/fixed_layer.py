"""Change a layer of single shifts."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput
from core.moments import check_moment
from core.rows import check_row
from escalation.actions.shift_change import tells_whose_shifts_change
from escalation.models import FixedLayer, FixedShift
from escalation.permissions import check_can_configure


@transaction.atomic
@tells_whose_shifts_change
def set_fixed_layer(
    layer: FixedLayer, *, by: Actor, now: datetime, shifts: Sequence[FixedShift] | None = None
) -> FixedLayer:
    """Keep `layer`, new or changed, and with `shifts` (new rows, their layer not set) all its shifts anew.

    Raises NotAllowed, InvalidInput for a shift that ends before it starts.
    """
    check_can_configure(by)
    check_row(layer)
    check_shifts(shifts or ())
    layer.save()
    if shifts is not None:
        layer.shifts.all().delete()
        for shift in shifts:
            shift.layer = layer
        FixedShift.objects.bulk_create(shifts)
    return layer


@transaction.atomic
@tells_whose_shifts_change
def remove_fixed_layer(layer: FixedLayer, *, by: Actor, now: datetime) -> None:
    """Take the layer off its schedule for good, with its shifts. Raises NotAllowed."""
    check_can_configure(by)
    layer.delete()


def check_shifts(shifts: Sequence[FixedShift]) -> None:
    """Raise InvalidInput for a shift that lasts no time, or at a moment that no record holds."""
    for shift in shifts:
        check_moment(shift.starts_at, field="shifts")
        check_moment(shift.ends_at, field="shifts")
        if shift.ends_at <= shift.starts_at:
            raise InvalidInput("A shift ends after it starts.", field="shifts")
