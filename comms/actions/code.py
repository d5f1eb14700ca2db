"""A contact point is verified by a code that is sent to it and typed in here."""

import secrets
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from comms.actions.message import queue_message, withdraw_messages
from comms.enums import MessageKind, Transport
from comms.models import ContactCode, ContactPoint
from comms.models.code import LASTS, NEXT_AFTER, TRIES, hash_of
from comms.permissions import check_can_set_reach
from core.errors import InvalidInput, WrongState
from core.moments import show_clock, show_duration

DIGITS = 6


@transaction.atomic
def send_code(contact_point: ContactPoint, *, by: Actor, now: datetime) -> ContactCode:
    """Send a new code to `contact_point`; the one before it is worth nothing any more.

    It ends after 15 minutes and after 5 wrong ones. Queues one message, and takes back one with an older code that
    still waits. Raises NotAllowed unless it is `by`'s own or `by` configures, WrongState for what is verified and
    within a minute of the last one.
    """
    check_can_set_reach(contact_point.user, by)
    point = ContactPoint.objects.select_for_update(of=("self",)).select_related("user").get(pk=contact_point.pk)
    before = ContactCode.objects.filter(contact_point=point).first()
    if point.verified_at:
        raise WrongState(f"{point.shown} is verified already.")
    if before and now < before.sent_at + NEXT_AFTER:
        again = show_clock(before.sent_at + NEXT_AFTER, point.user.zone)
        raise WrongState(f"A code has just left for {point.shown}. Ask for another one after {again}.")
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    fields = {"code_hash": hash_of(point.pk, code), "sent_at": now, "wrong": 0}
    kept, _ = ContactCode.objects.update_or_create(contact_point=point, defaults=fields)
    withdraw_messages(now=now, subject_key=f"code:{point.pk}", reason="A newer code was asked for.")
    spoken = ", ".join(code) if point.transport == Transport.VOICE else f"{code[:3]} {code[3:]}"
    queue_message(
        now=now,
        kind=MessageKind.CODE,
        subject="Your code for Muster",
        body=f"{spoken}. Type it where you asked for it, within {show_duration(LASTS)}.",
        dedup_key=f"code:{point.pk}:{now.timestamp():.0f}",
        subject_key=f"code:{point.pk}",
        to=point,
    )
    return kept


def confirm_code(contact_point: ContactPoint, *, by: Actor, now: datetime, code: str) -> ContactPoint:
    """Let `contact_point` count as verified because `by` typed what was sent there.

    A wrong code is counted, and that stays although it raises. Raises NotAllowed unless it is `by`'s own or `by`
    configures, WrongState without a code that still counts, InvalidInput for a wrong one.
    """
    check_can_set_reach(contact_point.user, by)
    with transaction.atomic():
        point = ContactPoint.objects.select_for_update(of=("self",)).select_related("user").get(pk=contact_point.pk)
        sent = ContactCode.objects.filter(contact_point=point).first()
        if sent is None or not sent.is_open(now):
            raise WrongState(f"No code for {point.shown} counts any more. Ask for a new one.")
        if sent.is_right(code):
            point.verified_at = now
            point.save(update_fields=["verified_at"])
            sent.delete()
            return point
        sent.wrong += 1
        sent.save(update_fields=["wrong"])
    raise InvalidInput(_wrong(sent), field="code")


def _wrong(sent: ContactCode) -> str:
    left = TRIES - sent.wrong
    if not left:
        return "That is not the code, for the fifth time. Ask for a new one."
    return f"That is not the code. You may try {'once' if left == 1 else f'{left} times'} more."
