"""How an incident stands for its matrix: at which level that has taken effect, since when, with which flags up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from incidents.enums import EntryKind, IncidentStatus
from incidents.models import Incident, IncidentFlag, SeverityChange, TimelineEntry


@dataclass(frozen=True)
class MatrixFacts:
    """`level` is the name of the one that has taken effect: a raise that can still be taken back is none yet.

    `began_at` is when it was declared, or was reopened the last time; `steps` are the changes of level that took
    effect, oldest first: when, from which, to which.
    """

    level: str
    began_at: datetime
    flags: frozenset[str] = frozenset()
    steps: tuple[tuple[datetime, str, str], ...] = ()

    def since(self, levels: Collection[str]) -> datetime:
        """From when it has been at one of `levels` without a break; none named: at any, from the beginning."""
        entered = [at for at, before, after in self.steps if after in levels and before not in levels]
        return max([self.began_at, *entered[-1:]])


def facts_of_declaration(incident: Incident) -> MatrixFacts:
    """Those of an incident that is being declared: no flag is up, its level never was another. No query."""
    return MatrixFacts(level=incident.level.name, began_at=incident.declared_at)


def matrix_facts(incident: Incident) -> MatrixFacts:
    """Those of a locked incident as they are now, in one query."""
    columns = {"up": ArraySubquery(_up()), "changes": ArraySubquery(_changes()), "reopened_at": Subquery(_reopened())}
    row = Incident.objects.filter(pk=incident.pk).values(**columns).get()
    pending = [change for change in row["changes"] if not change["settled_at"]]
    return MatrixFacts(
        level=pending[0]["before"] if pending else incident.level.name,
        began_at=row["reopened_at"] or incident.declared_at,
        flags=frozenset(row["up"]),
        steps=tuple(_step(change) for change in row["changes"] if change["settled_at"]),
    )


def _step(change: dict[str, Any]) -> tuple[datetime, str, str]:
    return datetime.fromisoformat(change["at"]), change["before"], change["after"]


def _up() -> Any:
    return IncidentFlag.objects.up().filter(incident=OuterRef("pk")).values("flag")


def _changes() -> Any:
    rows = SeverityChange.objects.filter(incident=OuterRef("pk"), taken_back_at__isnull=True).order_by("at", "pk")
    fields = JSONObject(at="at", before="before__name", after="after__name", settled_at="settled_at")
    return rows.values(found=fields)


def _reopened() -> Any:
    """When it was taken back into the response the last time: from resolved by a failed watch, or from closed."""
    ends = [IncidentStatus.RESOLVED, IncidentStatus.CLOSED]
    steps = TimelineEntry.objects.filter(incident=OuterRef("pk"), kind=EntryKind.STATUS, facts__before__in=ends)
    return steps.filter(facts__after=IncidentStatus.INVESTIGATING).order_by("-number").values("recorded_at")[:1]
