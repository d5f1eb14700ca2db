"""Announce what happened to receivers that must never undo it."""

import logging
from typing import Any

from django.db import transaction
from django.dispatch import Signal

logger = logging.getLogger(__name__)


def announce(signal: Signal, sender: Any, **named: Any) -> None:
    """Call every receiver of `signal`, each in a savepoint of its own, in the order in which they were connected.

    What a failing receiver wrote is rolled back, its failure is logged, and the others still run. Does not raise for
    a receiver; raises only when the database itself is gone, and then nothing could be kept anyway.
    """
    receivers, _ = signal._live_receivers(sender)  # Django offers no public way to each
    for receiver in receivers:
        try:
            with transaction.atomic():
                receiver(signal=signal, sender=sender, **named)
        except Exception:  # an upper app's mistake must never undo a page: it is logged with its trace
            logger.exception("The receiver %r failed and was rolled back.", receiver)
