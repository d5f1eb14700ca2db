"""Items appear, by level and by runbook; none is ever taken away."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max
from psycopg.types.numeric import Int8

from core.prepared import prepared_cursor
from incidents.models import ChecklistItem, Incident, PhaseItem, QuickAction, Runbook
from incidents.queries.policy import policies_of

# A policy asks dozens of things: an object for each would take a declaration longer than the rest of its rows.
ADD = """
INSERT INTO incidents_checklistitem (incident_id, number, {kind}_id, added_at, outcome, note)
SELECT %s::bigint, %s::integer + asked.nth, asked.pk, %s::timestamptz, 'open', ''
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (pk, nth)
"""


def add_level_items(incident: Incident, *, now: datetime, is_new: bool = False) -> int:
    """Add what the phases of its policy ask at the incident's level and is not there yet. Returns how many are new.

    One statement for an incident that `is_new`, which has none: a declaration waits for it. The caller's transaction
    has locked the incident, or made it, and its own entry says the level.
    """
    rows = [] if is_new else list(ChecklistItem.objects.filter(incident=incident).values_list("number", "item_id"))
    there, level = {item for _, item in rows}, incident.level
    items = policies_of([incident])[level.version_id].items.values()
    asked = [item for item in items if item.pk not in there and (not item.levels or level.name in item.levels)]
    return _add("item", asked, incident, after=max((number for number, _ in rows), default=0), now=now)


def add_runbook_items(incident: Incident, runbook: Runbook, now: datetime) -> int:
    """Add the quick actions of `runbook` that are not there yet. Returns how many are new.

    The caller's transaction has locked the incident, and its entry says that the runbook was taken up.
    """
    own = ChecklistItem.objects.filter(incident=incident)
    last = own.aggregate(last=Max("number"))["last"] or 0
    there = own.filter(action__isnull=False).values("action")
    rows = QuickAction.objects.filter(runbook=runbook).exclude(pk__in=there).order_by("position")
    return _add("action", rows, incident, after=last, now=now)


def _add(kind: str, asked: Iterable[PhaseItem | QuickAction], incident: Incident, *, after: int, now: datetime) -> int:
    """One item for each that is `asked`, a row for the field `kind`, with the numbers behind `after`; how many."""
    keys = [Int8(row.pk) for row in asked]
    if keys:
        with prepared_cursor() as cursor:
            cursor.execute(ADD.format(kind=kind), [incident.pk, after, now, keys])
    return len(keys)
