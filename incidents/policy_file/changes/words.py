"""How a difference is said."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any


def quote(value: Any) -> str:
    """Text as it stands."""
    return f"“{value}”"


def yes(value: Any) -> str:
    return "yes" if value else "no"


def names(values: Sequence[Any]) -> str:
    return ", ".join(str(value) for value in values) or "none"


def field(says: str, before: Any, after: Any, show: Callable[[Any], str] = str) -> Iterator[str]:
    if before != after:
        old = "none" if before is None else show(before)
        yield f"{says} {'none' if after is None else show(after)}, was {old}."
