"""How a person is reached: their addresses, and the rules that say when each is tried."""

from datetime import datetime

from django.db import transaction

from accounts.actor import MUSTER, Actor
from accounts.models import User
from comms.enums import Transport, Urgency
from comms.models import ContactCode, ContactPoint, ContactRule
from comms.permissions import check_can_set_reach
from comms.plan import tries
from comms.queries.reach import points_of
from core.rows import check_row


@transaction.atomic
def set_contact_point(contact_point: ContactPoint, *, by: Actor, now: datetime) -> ContactPoint:
    """Keep `contact_point` as it stands now, new or changed.

    A changed address counts as not verified, and a code on its way proves nothing of it. Messages that are queued keep
    the address of their moment. Tells nobody. Raises NotAllowed unless it is `by`'s own or `by` configures,
    InvalidInput for what cannot be reached.
    """
    check_can_set_reach(contact_point.user, by)
    check_row(contact_point)
    before = ContactPoint.objects.filter(pk=contact_point.pk).first()
    if before and (before.transport, before.address) != (contact_point.transport, contact_point.address):
        contact_point.verified_at = None
        ContactCode.objects.filter(contact_point=contact_point).delete()
    contact_point.save()
    return contact_point


@transaction.atomic
def set_first_contact_point(user: User, *, now: datetime) -> ContactPoint | None:
    """Let `user`, who has none yet, be rung at the mail address of their account; that contact point, not verified.

    None, and nothing is changed, for whoever has a contact point, even one that is off, or no mail address.
    """
    if not user.email or ContactPoint.objects.filter(user=user).exists():
        return None
    point = ContactPoint(user=user, transport=Transport.EMAIL, address=user.email)
    return set_contact_point(point, by=MUSTER, now=now)


@transaction.atomic
def set_contact_rule(rule: ContactRule, *, by: Actor, now: datetime) -> ContactRule:
    """Keep `rule` as it stands now, new or changed; messages that are queued keep their moments. Tells nobody.

    The first rule of a chain ends the standard one for that person. Raises NotAllowed unless the contact point is
    `by`'s own or `by` configures, InvalidInput for the same moment twice or a delay of more than a day.
    """
    check_can_set_reach(rule.contact_point.user, by)
    check_row(rule)
    rule.save()
    return rule


@transaction.atomic
def remove_contact_rule(rule: ContactRule, *, by: Actor, now: datetime) -> None:
    """Take `rule` away; after the last of a chain the standard one holds again. Queued messages stay as they are.

    Raises NotAllowed unless the contact point is `by`'s own or `by` configures.
    """
    check_can_set_reach(rule.contact_point.user, by)
    rule.delete()


@transaction.atomic
def adopt_standard_chain(user: User, *, by: Actor, now: datetime, chain: Urgency) -> list[ContactRule]:
    """Write the standard chain of `user` down as rules, so that they can be changed one by one; the rules.

    A chain that has rules stays as it is. Raises NotAllowed unless it is `by`'s own or `by` configures.
    """
    check_can_set_reach(user, by)
    if ContactRule.objects.filter(contact_point__user=user, chain=chain).exists():
        return []
    return ContactRule.objects.bulk_create(
        ContactRule(contact_point=one.point, chain=chain, after_seconds=int(one.after.total_seconds()))
        for one in tries(points_of([user])[user.pk], chain)
        if not one.reason
    )
