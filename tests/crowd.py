"""Several hands at the same moment, each on a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Let all `acts` begin together; what they returned, in their order. Raises what the first of them raised.

    The test must be `django_db(transaction=True)`: other connections see only what is committed.
    """
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            gate.wait(10)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as hands:
        return [future.result(30) for future in [hands.submit(run, act) for act in acts]]
