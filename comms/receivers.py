"""A receiver anywhere that failed is kept by the post office, whose sweep tries it again."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from comms.actions.failed_receiver import keep_failed_receiver
from core.signals import receiver_failed


@receiver(receiver_failed)
def on_receiver_failed(
    sender: Any, name: str, receiver: str, named: dict[str, Any], error: Exception, **_: Any
) -> None:
    """Something that should have followed did not."""
    keep_failed_receiver(name=name, receiver=receiver, sender=sender, named=named, error=error, now=timezone.now())
