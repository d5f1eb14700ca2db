"""What accounts says upwards, inside the transaction that made it true, by core.signals.announce."""

from django.dispatch import Signal

user_kept = Signal()
"""sender=User; user: User as it stands now, new or changed by an admin; now: datetime."""
