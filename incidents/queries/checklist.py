"""The checklist as the room shows it and as the gates ask for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from incidents.enums import CheckOutcome, Gate, ItemKind
from incidents.models import ChecklistItem, Incident, Phase, PhaseTrouble


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


def checklist(incident: Incident) -> list[ChecklistPart]:
    """Every phase and runbook that asks something of this incident, in the order of the policy; two queries."""
    rows = list(incident.checklist.asked().with_texts().in_order())
    return [*_phases(incident, rows), *_runbooks(rows)] if rows else []


def _phases(incident: Incident, rows: Iterable[ChecklistItem]) -> Iterable[ChecklistPart]:
    own: dict[int, list[ChecklistItem]] = {}
    for row in rows:
        row.incident = incident
        if row.item:
            own.setdefault(row.item.phase_id, []).append(row)
    troubles = PhaseTrouble.objects.filter(phase=OuterRef("pk")).order_by("position")
    found = JSONObject(issue="issue", cause="cause", remedy="remedy")
    phases = Phase.objects.filter(version=incident.level.version_id)
    for phase in phases.annotate(known=ArraySubquery(troubles.values(found=found))).order_by("position"):
        if phase.pk in own:
            yield ChecklistPart(
                key=phase.slug,
                name=phase.name,
                items=own[phase.pk],
                output=phase.output,
                begins_at=phase.begins_at(incident),
                ends_at=phase.ends_at(incident),
                anchor=phase.anchor,
                troubles=tuple(PhaseTrouble(**fields) for fields in phase.known),
            )


def _runbooks(rows: Iterable[ChecklistItem]) -> Iterable[ChecklistPart]:
    own: dict[str, list[ChecklistItem]] = {}
    names: dict[str, str] = {}
    for row in rows:
        if row.action:
            runbook = row.action.runbook
            names[runbook.slug] = runbook.name
            own.setdefault(runbook.slug, []).append(row)
    for slug, items in own.items():
        yield ChecklistPart(key=f"runbook-{slug}", name=names[slug], items=items, begins_at=items[0].added_at)


def open_holding(incident: Incident, gate: Gate) -> list[ChecklistItem]:
    """What holds back `gate` (resolving, closing) and is still to do, in the order of the policy."""
    rows = incident.checklist.to_do().asked().filter(item__holds=gate)
    return list(rows.with_texts().in_order())


def checks_passed(incident: Incident) -> list[ChecklistItem]:
    """The verification points that were passed, in the order of the policy, with who saw them and their files."""
    rows = incident.checklist.filter(outcome=CheckOutcome.PASSED, item__kind=ItemKind.CHECK)
    return list(rows.with_texts().in_order())
