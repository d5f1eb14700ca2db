"""Announce what happened to receivers that must never undo it."""

import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from core.live import gathered

logger = logging.getLogger(__name__)

receiver_failed = Signal()
"""sender: as announced; name, receiver: str, dotted names of the signal and of the receiver; named: dict, what was
announced; error: Exception. Sent inside the transaction of the announcement, once the receiver's writes are undone."""


def ask(signal: Signal, sender: Any, **named: Any) -> list[str]:
    """The sentences that the receivers of `signal` answer, in the order in which they were connected.

    For a door that must tell a person what an app above knows. A receiver reads only; one that has nothing to say, or
    fails, which is logged, answers nothing.
    """
    receivers, _ = signal._live_receivers(sender)
    sentences = []
    for receiver in receivers:
        try:
            with transaction.atomic():
                sentences.append(receiver(signal=signal, sender=sender, **named))
        except Exception:  # an upper app's mistake must never keep an answer from a person: it is logged
            logger.exception("The receiver %r failed and answered nothing.", receiver)
    return [sentence for sentence in sentences if sentence]


def announce(signal: Signal, sender: Any, **named: Any) -> None:
    """Call every receiver of `signal`, each in a savepoint of its own, in the order in which they were connected.

    What a failing receiver wrote is rolled back, its failure is logged and sent on as receiver_failed, so that it can
    be kept and tried again, and the others still run. Does not raise for a receiver; raises only when the database
    itself is gone, and then nothing could be kept anyway.
    """
    receivers, _ = signal._live_receivers(sender)  # Django offers no public way to each
    for receiver in receivers:
        try:
            with transaction.atomic(), gathered():
                receiver(signal=signal, sender=sender, **named)
        except Exception as error:  # an upper app's mistake must never undo a page: it is logged with its trace
            logger.exception("The receiver %r failed and was rolled back.", receiver)
            _pass_on(signal, sender, receiver, named, error)


def announce_all(signal: Signal, sender: Any, told: Sequence[Mapping[str, Any]]) -> None:
    """`announce` each of `told`, for the price of one savepoint as long as no receiver fails.

    When one does, what all of them wrote is rolled back and each is called again by itself: a receiver of such a
    signal reads and writes rows, and nothing else.
    """
    receivers, _ = signal._live_receivers(sender)
    if not (receivers and told):
        return
    try:
        with transaction.atomic(), gathered():
            for named in told:
                for receiver in receivers:
                    receiver(signal=signal, sender=sender, **named)
    except Exception:  # an upper app's mistake must never undo what was sent
        logger.exception("A receiver failed: each is called again by itself.")
        for named in told:
            announce(signal, sender, **named)


def _pass_on(
    signal: Signal, sender: Any, receiver: Callable[..., Any], named: dict[str, Any], error: Exception
) -> None:
    place = f"{receiver.__module__}.{receiver.__qualname__}"
    try:
        with transaction.atomic():
            receiver_failed.send(sender, name=_name_of(signal), receiver=place, named=named, error=error)
    except Exception:  # keeping it failed as well: what was announced stands all the same
        logger.exception("That %s failed could not be kept; nobody will try it again.", place)


def _name_of(signal: Signal) -> str:
    """`escalation.signals.page_rang`: signals stand in modules of that name. Raises LookupError elsewhere."""
    for place, module in list(sys.modules.items()):
        if place.endswith(".signals"):
            for name, value in vars(module).items():
                if value is signal:
                    return f"{place}.{name}"
    raise LookupError("A signal that stands in no `signals` module cannot be sent again.")
