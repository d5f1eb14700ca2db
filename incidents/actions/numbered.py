"""What everything that is numbered within an incident has in common: its next number, its row, its one line."""

from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from core.errors import InvalidInput
from core.moments import check_moment, show_near


def next_number(rows: QuerySet[Any]) -> int:
    """The number of the next of `rows`, whose incident (or hypothesis) is locked."""
    newest: int | None = rows.aggregate(Max("number"))["number__max"]
    return (newest or 0) + 1


def find_numbered(rows: QuerySet[Any], number: int, what: str) -> Any:
    """The row `number` of `rows`. Raises InvalidInput, calling it `what`, when there is none."""
    row = rows.filter(number=number).first() if number < 2**31 else None
    if row is None:
        raise InvalidInput(f"There is no {what} {number} here.")
    return row


def one_line(text: str, *, field: str, longest: int, empty: str = "") -> str:
    """`text` on one line. Raises InvalidInput with `empty`, when that is given, for no text, for too much, for NUL."""
    line = " ".join(text.split())
    if not line and empty:
        raise InvalidInput(empty, field=field)
    if "\x00" in line:
        raise InvalidInput("The text holds a character that cannot be kept (NUL).", field=field)
    if len(line) > longest:
        raise InvalidInput(
            f"The line has {len(line)} characters and holds {longest}; put the rest in a note.", field=field
        )
    return line


def check_to_come(moment: datetime | None, *, now: datetime, field: str) -> None:
    """Raise InvalidInput for a moment that has come already; None is no moment."""
    if moment is not None and check_moment(moment, field=field) <= now:
        raise InvalidInput(f"{show_near(moment, now)} is over; give a moment to come.", field=field)
