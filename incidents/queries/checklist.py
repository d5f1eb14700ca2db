"""The checklist as the room shows it and as the gates ask for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from accounts.models import User
from incidents.enums import Gate
from incidents.models import (
    Attachment,
    ChecklistItem,
    Incident,
    Phase,
    PhaseItem,
    PhaseTrouble,
    QuickAction,
    Runbook,
)
from incidents.owed import PhaseBox


@dataclass(frozen=True)
class ChecklistPart:
    """The items of one phase, or of one runbook, with the time box if there is one.

    `troubles` are those of the policy: issue, cause and remedy.
    """

    key: str
    name: str
    items: list[ChecklistItem]
    output: str = ""
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    anchor: str = ""
    troubles: tuple[PhaseTrouble, ...] = ()

    @property
    def to_do(self) -> list[ChecklistItem]:
        """What is neither passed nor said not to apply."""
        return [item for item in self.items if not item.is_done]

    @property
    def done(self) -> int:
        """How many are over with."""
        return len(self.items) - len(self.to_do)

    def is_current(self, now: datetime) -> bool:
        """Whether its box runs at `now`, or has begun and still has something to do."""
        if self.begins_at is None or self.begins_at > now:
            return False
        return bool(self.to_do) or (self.ends_at is not None and now < self.ends_at)


PHASE = ("slug", "name", "output", "anchor", "begins_after", "ends_after")
ITEM = ("text", "kind", "flag", "within", "role", "command", "link", "evidence", "holds")
TROUBLE = ("issue", "cause", "remedy")


def _fields(before: str, *names: str) -> JSONObject:
    return JSONObject(**{name: f"{before}{name}" for name in names})


def with_checklist(incidents: QuerySet[Any]) -> QuerySet[Any]:
    """`incidents` with what `checklist` reads, in the query that runs anyway. Not for one that groups."""
    rows = ChecklistItem.objects.filter(incident=OuterRef("pk")).asked().in_order()
    item = JSONObject(
        number="number",
        outcome="outcome",
        note="note",
        added_at="added_at",
        marked_at="marked_at",
        by="marked_by__handle",
        file=_fields("attachment__", "name", "sha256"),
        of_phase="item_id",
        phase=_fields("item__phase__", *PHASE),
        item=_fields("item__", *ITEM),
        runbook=_fields("action__runbook__", "slug", "name"),
        action=_fields("action__", "text", "command"),
    )
    troubles = PhaseTrouble.objects.filter(phase__version=OuterRef("level__version"))
    trouble = JSONObject(phase="phase__slug", **{name: name for name in TROUBLE})
    return incidents.annotate(
        asked=ArraySubquery(rows.values(found=item)),
        troubles=ArraySubquery(troubles.order_by("phase__position", "position").values(found=trouble)),
    )


def checklist(incident: Incident) -> list[ChecklistPart]:
    """Every phase and runbook that asks something of an incident of `with_checklist`, in the order of the policy.

    Without a query. Its rows are for showing, not for saving.
    """
    found: dict[str, list[ChecklistItem]] = {}
    for row in incident.asked:  # type: ignore[attr-defined]
        item = _item(incident, row)
        key = item.item.phase.slug if item.item else f"runbook-{item.action.runbook.slug}"  # type: ignore[union-attr]
        found.setdefault(key, []).append(item)
    return [_part(incident, key, items) for key, items in found.items()]


def _item(incident: Incident, row: dict[str, Any]) -> ChecklistItem:
    """One item with the rows of the policy behind it, as far as they are shown."""
    moment, file = row["marked_at"], row["file"]
    item = ChecklistItem(
        incident=incident,
        number=row["number"],
        outcome=row["outcome"],
        note=row["note"],
        added_at=datetime.fromisoformat(row["added_at"]),
        marked_at=datetime.fromisoformat(moment) if moment else None,
        marked_by=User(handle=row["by"]) if row["by"] else None,
        attachment=Attachment(incident=incident, **file) if file["sha256"] else None,
    )
    if row["of_phase"]:
        item.item = PhaseItem(phase=Phase(**row["phase"]), **row["item"])
    else:
        item.action = QuickAction(runbook=Runbook(**row["runbook"]), **row["action"])
    return item


def _part(incident: Incident, key: str, items: list[ChecklistItem]) -> ChecklistPart:
    first = items[0]
    if first.item is None:
        name = first.action.runbook.name  # type: ignore[union-attr]
        return ChecklistPart(key=key, name=name, items=items, begins_at=first.added_at)
    phase = first.item.phase
    troubles: Iterable[dict[str, str]] = incident.troubles  # type: ignore[attr-defined]
    return ChecklistPart(
        key=key,
        name=phase.name,
        items=items,
        output=phase.output,
        begins_at=phase.begins_at(incident),
        ends_at=phase.ends_at(incident),
        anchor=phase.anchor,
        troubles=tuple(
            PhaseTrouble(**{name: row[name] for name in TROUBLE}) for row in troubles if row["phase"] == key
        ),
    )


def boxes(parts: Iterable[ChecklistPart]) -> list[PhaseBox]:
    """The time boxes as owed() looks at them."""
    return [
        PhaseBox(part.key, part.name, len(part.to_do), len(part.items), part.ends_at, part.anchor)
        for part in parts
        if part.ends_at
    ]


def checks(parts: Iterable[ChecklistPart]) -> tuple[int, int]:
    """How many items hold back resolving, and how many of them are still to do."""
    held = [item for part in parts for item in part.items if item.holds == Gate.RESOLVE]
    return len(held), sum(not item.is_done for item in held)


def open_holding(incident: Incident, gate: Gate) -> list[ChecklistItem]:
    """What holds back `gate` (resolving, closing) and is still to do, in the order of the policy."""
    rows = incident.checklist.to_do().asked().filter(item__holds=gate)
    return list(rows.with_texts().in_order())
