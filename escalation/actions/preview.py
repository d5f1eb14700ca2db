"""See what an action would do to a schedule, before it is done."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from escalation.models import Schedule
from escalation.queries.calendar import Preview, Zones, compared_span, lines_of, preview_of

# The drawing shows whole days, or weeks: so much of them may lie before and after the span.
MARGIN = timedelta(days=7)


def preview_change(
    schedule: Schedule, change: Callable[[], object], start: datetime, end: datetime, *, zones: Zones, now: datetime
) -> Preview:
    """What `change`, a call of one of the actions of this schedule, would do to [`start`, `end`).

    The action itself is carried out and undone, so that what was shown is what will be saved: its guards refuse as
    they would, and nothing stays of its rows, its messages and its bells. Raises whatever Refused the action raises.
    """
    first, last = compared_span(start, end)
    before = lines_of(schedule, first - MARGIN, last + MARGIN)
    with transaction.atomic():
        change()
        after = lines_of(schedule, first - MARGIN, last + MARGIN)
        transaction.set_rollback(True)
    return preview_of(before, after, start, end, zones=zones, now=now)
