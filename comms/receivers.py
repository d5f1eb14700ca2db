"""What follows in the post office: somebody new is rung, what failed is tried again, a test page was handed over."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from accounts.signals import user_kept
from comms.actions.contact_point import set_first_contact_point
from comms.actions.failed_receiver import keep_failed_receiver
from comms.actions.proof import note_handed_over
from comms.enums import MessageKind
from comms.models import Message
from comms.signals import message_delivered
from core.signals import receiver_failed


@receiver(receiver_failed)
def on_receiver_failed(
    sender: Any, name: str, receiver: str, named: dict[str, Any], error: Exception, **_: Any
) -> None:
    """Something that should have followed did not."""
    keep_failed_receiver(name=name, receiver=receiver, sender=sender, named=named, error=error, now=timezone.now())


@receiver(message_delivered)
def on_message_delivered(sender: Any, message: Message, now: datetime, **_: Any) -> None:
    """A test page has left."""
    if message.kind == MessageKind.TEST:
        note_handed_over(message, now=now)


@receiver(user_kept)
def on_user_kept(sender: Any, user: User, now: datetime, **_: Any) -> None:
    """Somebody new is rung at the address that the admin typed in, rather than nowhere."""
    set_first_contact_point(user, now=now)
