"""Change the contact table."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.rows import check_row
from escalation.models import RoleContact
from escalation.permissions import check_can_configure


@transaction.atomic
def set_role_contact(contact: RoleContact, *, by: Actor, now: datetime) -> RoleContact:
    """Keep `contact`, new or changed. Raises NotAllowed, InvalidInput with the field at fault."""
    check_can_configure(by)
    check_row(contact)
    contact.save()
    return contact


@transaction.atomic
def remove_role_contact(contact: RoleContact, *, by: Actor, now: datetime) -> None:
    """Take the row off the table. Raises NotAllowed."""
    check_can_configure(by)
    contact.delete()
