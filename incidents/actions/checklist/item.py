"""Items appear, by level and by runbook; none is ever taken away."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max

from core.prepared import insert_all
from incidents.models import ChecklistItem, Incident, PhaseItem, QuickAction, Runbook
from incidents.queries.policy import policies_of


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
    rows = [
        ChecklistItem(incident=incident, number=number, added_at=now, **{kind: row})
        for number, row in enumerate(asked, start=after + 1)
    ]
    return len(insert_all(rows))
