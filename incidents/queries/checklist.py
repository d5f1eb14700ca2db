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
from incidents.models import Attachment, ChecklistItem, Incident, PhaseTrouble
from incidents.owed import PhaseBox
from incidents.queries.policy import VersionRows, policy_of


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


def with_checklist(incidents: QuerySet[Any]) -> QuerySet[Any]:
    """`incidents` with what `checklist` reads, in the query that runs anyway. Not for one that groups."""
    rows = ChecklistItem.objects.filter(incident=OuterRef("pk")).asked().order_by("number")
    item = JSONObject(
        number="number",
        item="item_id",
        action="action_id",
        outcome="outcome",
        note="note",
        added_at="added_at",
        marked_at="marked_at",
        by="marked_by__handle",
        file=JSONObject(name="attachment__name", sha256="attachment__sha256"),
    )
    return incidents.select_related("level").annotate(asked=ArraySubquery(rows.values(found=item)))


def checklist(incident: Incident) -> list[ChecklistPart]:
    """Every phase and runbook that asks something of an incident of `with_checklist`, in the order of the policy.

    Asks for no more than the policy. Its rows are for showing, not for saving.
    """
    policy = policy_of(incident)
    found: dict[str, list[ChecklistItem]] = {}
    items = (_item(incident, row, policy) for row in incident.asked)  # type: ignore[attr-defined]
    for item in sorted(items, key=_place):
        key = item.item.phase.slug if item.item else f"runbook-{item.action.runbook.slug}"  # type: ignore[union-attr]
        found.setdefault(key, []).append(item)
    return [_part(incident, key, items) for key, items in found.items()]


def _place(item: ChecklistItem) -> tuple[bool, int, int]:
    """First the items of phases, then those of runbooks, each as the policy orders them."""
    part = item.item.phase if item.item else item.action.runbook  # type: ignore[union-attr]
    return item.item is None, part.position, item.source.position


def _item(incident: Incident, row: dict[str, Any], policy: VersionRows) -> ChecklistItem:
    """One item with the rows of the policy behind it, as far as they are shown."""
    moment, file = row["marked_at"], row["file"]
    return ChecklistItem(
        incident=incident,
        number=row["number"],
        item=policy.items[row["item"]] if row["item"] else None,
        action=policy.actions[row["action"]] if row["action"] else None,
        outcome=row["outcome"],
        note=row["note"],
        added_at=datetime.fromisoformat(row["added_at"]),
        marked_at=datetime.fromisoformat(moment) if moment else None,
        marked_by=User(handle=row["by"]) if row["by"] else None,
        attachment=Attachment(incident=incident, **file) if file["sha256"] else None,
    )


def _part(incident: Incident, key: str, items: list[ChecklistItem]) -> ChecklistPart:
    first = items[0]
    if first.item is None:
        name = first.action.runbook.name  # type: ignore[union-attr]
        return ChecklistPart(key=key, name=name, items=items, begins_at=first.added_at)
    phase = first.item.phase
    return ChecklistPart(
        key=key,
        name=phase.name,
        items=items,
        output=phase.output,
        begins_at=phase.begins_at(incident),
        ends_at=phase.ends_at(incident),
        anchor=phase.anchor,
        troubles=tuple(phase.troubles.all()),
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
