"""What the post office says upwards, inside the transaction that made it true, by core.signals.announce."""

from django.dispatch import Signal

message_delivered = Signal()
"""sender=Message; message: Message as it stands now, delivery: Delivery that was handed over; now: datetime."""
