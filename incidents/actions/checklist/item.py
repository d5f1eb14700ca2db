"""Items appear, by level and by runbook; none is ever taken away."""

from datetime import datetime
from typing import Any

from django.db.models import Max

from core.prepared import prepared_cursor
from incidents.models import ChecklistItem, Incident, QuickAction, Runbook

ADD_OF_LEVEL = """
INSERT INTO incidents_checklistitem (incident_id, number, item_id, added_at, outcome, note)
SELECT
    %(incident)s,
    coalesce((SELECT max(number) FROM incidents_checklistitem WHERE incident_id = %(incident)s), 0)
        + row_number() OVER (ORDER BY phase.position, item.position),
    item.id, %(now)s, 'open', ''
FROM incidents_phaseitem item JOIN incidents_phase phase ON phase.id = item.phase_id
WHERE phase.version_id = %(version)s
    AND (cardinality(item.levels) = 0 OR %(level)s = ANY (item.levels))
    AND NOT EXISTS (
        SELECT 1 FROM incidents_checklistitem own WHERE own.incident_id = %(incident)s AND own.item_id = item.id
    )
"""


def add_level_items(incident: Incident, *, now: datetime) -> int:
    """Add what the phases of its policy ask at the incident's level and is not there yet. Returns how many are new.

    In one statement, because a declaration waits for it. The caller's transaction has locked the incident, or made it,
    and its own entry says the level.
    """
    values: dict[str, Any] = {
        "incident": incident.pk,
        "now": now,
        "version": incident.level.version_id,
        "level": incident.level.name,
    }
    with prepared_cursor() as cursor:
        cursor.execute(ADD_OF_LEVEL, values)
        return cursor.rowcount


def add_runbook_items(incident: Incident, runbook: Runbook, now: datetime) -> int:
    """Add the quick actions of `runbook` that are not there yet. Returns how many are new.

    The caller's transaction has locked the incident, and its entry says that the runbook was taken up.
    """
    own = ChecklistItem.objects.filter(incident=incident)
    last = own.aggregate(last=Max("number"))["last"] or 0
    there = own.filter(action__isnull=False).values("action")
    rows = QuickAction.objects.filter(runbook=runbook).exclude(pk__in=there).order_by("position")
    new = [
        ChecklistItem(incident=incident, number=number, action=row, added_at=now)
        for number, row in enumerate(rows, start=last + 1)
    ]
    return len(ChecklistItem.objects.bulk_create(new))
