"""A browser that its person lets ring."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from comms.actions.contact_point import set_contact_point
from comms.actions.message import queue_message
from comms.enums import MessageKind, Transport
from comms.models import ContactPoint
from core.errors import InvalidInput


@transaction.atomic
def add_browser(
    user: User, *, by: Actor, now: datetime, endpoint: str, p256dh: str, auth: str, label: str = ""
) -> ContactPoint:
    """Let pages of `user` ring the browser behind `endpoint`, from now on; the same one again only renews its keys.

    It counts as verified: its person pressed the button in it. `p256dh` and `auth` are its keys as base64url
    (RFC 8291, section 2). Sends nothing. Raises NotAllowed unless it is `by`'s own or `by` configures, InvalidInput
    for keys or an address that are none.
    """
    if len(p256dh) != 87 or len(auth) != 22:  # 65 and 16 bytes without padding
        raise InvalidInput("This browser did not say with which keys it is reached. Press the button again.")
    known = ContactPoint.objects.select_for_update().filter(user=user, transport=Transport.PUSH, address=endpoint)
    point = known.first() or ContactPoint(user=user, transport=Transport.PUSH, address=endpoint, label=label[:40])
    point.secret, point.is_enabled, point.verified_at = f"{p256dh}.{auth}", True, now
    return set_contact_point(point, by=by, now=now)


@transaction.atomic
def end_contact_point(contact_point: ContactPoint, *, now: datetime) -> bool:
    """Switch off an address that is no more, and tell its person by what is left; whether it was still on.

    Guards nothing: the other side has said that it has gone. Messages that are queued for it end by themselves.
    """
    if not ContactPoint.objects.filter(pk=contact_point.pk, is_enabled=True).update(is_enabled=False):
        return False
    queue_message(
        now=now,
        kind=MessageKind.NOTICE,
        to=contact_point.user,
        dedup_key=f"gone:{contact_point.pk}:{now.timestamp():.0f}",
        subject=f"You are no longer rung by {contact_point.shown}",
        body="The other side says that it has gone. Open the page below where you want to be rung, and switch it on.",
        link=reverse("comms:browser-list"),
    )
    return True
