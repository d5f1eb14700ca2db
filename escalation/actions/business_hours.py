"""Change when an organisation is at its desk."""

from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from accounts.actor import Actor
from core.errors import WrongState
from core.rows import check_row
from escalation.actions.shift_change import tells_whose_shifts_change
from escalation.models import BusinessHours
from escalation.permissions import check_can_configure


@transaction.atomic
@tells_whose_shifts_change
def set_business_hours(hours: BusinessHours, *, by: Actor, now: datetime) -> BusinessHours:
    """Keep `hours`, new or changed; whatever they restrict follows them at once.

    Raises NotAllowed, InvalidInput with the field at fault.
    """
    check_can_configure(by)
    check_row(hours)
    hours.save()
    return hours


@transaction.atomic
def remove_business_hours(hours: BusinessHours, *, by: Actor, now: datetime) -> None:
    """Delete `hours`. Raises NotAllowed, WrongState while a rotation or a step is restricted to them."""
    check_can_configure(by)
    try:
        with transaction.atomic():
            hours.delete()
    except ProtectedError as error:
        raise WrongState("Something is still restricted to these hours; change it there first.") from error
