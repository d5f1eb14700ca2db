"""Replace the plan of a span by another one, and take that back."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed, WrongState
from core.moments import check_moment
from core.rows import check_row
from escalation.actions.fixed_layer import check_shifts
from escalation.actions.shift_change import tells_whose_shifts_change
from escalation.models import FixedShift, TemporarySchedule
from escalation.permissions import check_can_override


@transaction.atomic
@tells_whose_shifts_change
def set_temporary_schedule(
    temporary: TemporarySchedule, *, by: Actor, now: datetime, shifts: Sequence[FixedShift] | None = None
) -> TemporarySchedule:
    """Keep `temporary`, new or changed, and with `shifts` (new rows, theirs not set) all its shifts anew.

    A new one is the newest of the overrides; a changed one keeps its age. Raises NotAllowed; InvalidInput for
    a span or a shift that ends before it starts, and for a shift outside the span, which would never count; WrongState
    when it was cancelled.
    """
    check_can_override(by)
    if by.user is None:
        raise NotAllowed("A temporary schedule is made by a person.")
    if temporary.pk is None:
        temporary.created_at, temporary.created_by = now, by.user
    elif temporary.cancelled_at is not None:
        raise WrongState("This temporary schedule was cancelled; make a new one.")
    _check_span(temporary, shifts or ())
    check_row(temporary)
    temporary.save()
    if shifts is not None:
        temporary.shifts.all().delete()
        for shift in shifts:
            shift.temporary = temporary
        FixedShift.objects.bulk_create(shifts)
    return temporary


@transaction.atomic
@tells_whose_shifts_change
def cancel_temporary_schedule(temporary: TemporarySchedule, *, by: Actor, now: datetime) -> TemporarySchedule:
    """Let the rotations count again; it stays in the record.

    Raises NotAllowed, WrongState when it was cancelled.
    """
    check_can_override(by)
    if by.user is None:
        raise NotAllowed("A temporary schedule is cancelled by a person.")
    if not TemporarySchedule.objects.filter(pk=temporary.pk, cancelled_at__isnull=True).update(
        cancelled_at=now, cancelled_by=by.user
    ):
        raise WrongState("This temporary schedule was cancelled before.")
    temporary.refresh_from_db()
    return temporary


def _check_span(temporary: TemporarySchedule, shifts: Sequence[FixedShift]) -> None:
    check_moment(temporary.starts_at, field="starts_at")
    check_moment(temporary.ends_at, field="ends_at")
    if temporary.ends_at <= temporary.starts_at:
        raise InvalidInput("A temporary schedule ends after it starts.", field="ends_at")
    check_shifts(shifts)
    for shift in shifts:
        if shift.ends_at <= temporary.starts_at or shift.starts_at >= temporary.ends_at:
            raise InvalidInput("A shift lies outside the span of the temporary schedule.", field="shifts")
