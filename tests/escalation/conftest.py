"""What stories about pages listen to."""

from typing import Any

import pytest
from django.dispatch import Signal

from escalation import signals
from escalation.models import Page

SIGNALS = (
    *("page_rang", "page_acknowledged", "page_declined", "page_exhausted"),
    *("page_held", "page_nudged", "page_lapsed", "page_stopped"),
)


@pytest.fixture
def heard() -> Any:
    """Every signal of a page while the test runs, as (name, what came with it)."""
    caught: list[tuple[str, dict[str, Any]]] = []
    kept = []
    for name in SIGNALS:

        def receiver(name: str = name, **named: Any) -> None:
            caught.append((name, named))

        signal: Signal = getattr(signals, name)
        signal.connect(receiver, sender=Page)
        kept.append((signal, receiver))
    yield caught
    for signal, receiver in kept:
        signal.disconnect(receiver, sender=Page)
