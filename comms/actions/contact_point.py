"""How a person is reached: their addresses, and the rules that say when each is tried."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from comms.models import ContactPoint, ContactRule
from comms.permissions import check_can_set_contact_point
from core.rows import check_row


@transaction.atomic
def set_contact_point(contact_point: ContactPoint, *, by: Actor, now: datetime) -> ContactPoint:
    """Keep `contact_point` as it stands now, new or changed.

    A changed address counts as not verified. Messages that are queued keep the address of their moment. Tells nobody.
    Raises NotAllowed unless it is `by`'s own or `by` configures, InvalidInput for what cannot be reached.
    """
    check_can_set_contact_point(contact_point, by)
    check_row(contact_point)
    before = ContactPoint.objects.filter(pk=contact_point.pk).first()
    if before and (before.transport, before.address) != (contact_point.transport, contact_point.address):
        contact_point.verified_at = None
    contact_point.save()
    return contact_point


@transaction.atomic
def set_contact_rule(rule: ContactRule, *, by: Actor, now: datetime) -> ContactRule:
    """Keep `rule` as it stands now, new or changed; messages that are queued keep their moments. Tells nobody.

    The first rule of a chain ends the standard one for that person. Raises NotAllowed unless the contact point is
    `by`'s own or `by` configures, InvalidInput for the same moment twice or a delay of more than a day.
    """
    check_can_set_contact_point(rule.contact_point, by)
    check_row(rule)
    rule.save()
    return rule


@transaction.atomic
def remove_contact_rule(rule: ContactRule, *, by: Actor, now: datetime) -> None:
    """Take `rule` away; after the last of a chain the standard one holds again. Queued messages stay as they are.

    Raises NotAllowed unless the contact point is `by`'s own or `by` configures.
    """
    check_can_set_contact_point(rule.contact_point, by)
    rule.delete()
