"""The timeline as the room shows it: a window of the newest, older ones on demand, filtered by what they are."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from incidents.enums import EntryKind
from incidents.models import Incident, TimelineEntry

WINDOW = 50
# What a reader may look at alone: {filter: (its name, kinds)}. An empty filter is everything.
FILTERS: dict[str, tuple[str, frozenset[str]]] = {
    "": ("All", frozenset(EntryKind.values)),
    "status": (
        "Status",
        frozenset(
            {
                EntryKind.DECLARED,
                EntryKind.STATUS,
                EntryKind.UPDATE,
                EntryKind.SEVERITY,
                EntryKind.IMPACT,
                EntryKind.MITIGATION,
                EntryKind.PROMISE,
                EntryKind.FLAG,
                EntryKind.RUNBOOK,
                EntryKind.AUDIENCE,
            }
        ),
    ),
    "pages": ("Pages", frozenset({EntryKind.PAGE, EntryKind.ROLE})),
    "checks": ("Checks", frozenset({EntryKind.CHECK})),
    "work": (
        "Work",
        frozenset({EntryKind.TASK, EntryKind.HYPOTHESIS, EntryKind.DECISION, EntryKind.DEPLOYMENT}),
    ),
    "notes": ("Notes", frozenset({EntryKind.NOTE, EntryKind.CORRECTION})),
}


@dataclass(frozen=True)
class Window:
    """Entries, newest first, and the number after which the older ones begin (None: there are none)."""

    entries: list[TimelineEntry]
    older_than: int | None = None


def filter_of(kind: str) -> str:
    """The filter that shows entries of `kind`, besides "all"."""
    return next(name for name, (_, kinds) in FILTERS.items() if name and kind in kinds)


def shown(incident: Incident, kinds: Collection[str] | None = None) -> "list[TimelineEntry]":
    """Every entry of `incident`, newest first, with what its fragment shows; for documents."""
    rows = _rows(incident)
    return list(rows.filter(kind__in=kinds) if kinds is not None else rows)


def window(incident: Incident, before: int | None = None, size: int = WINDOW, only: str = "") -> Window:
    """The newest `size` entries that the filter `only` shows, or those that follow the entry number `before`.

    Two queries at most (one more to find `before`), whatever the size of the timeline.
    """
    rows = _rows(incident)
    if only in FILTERS and only:
        rows = rows.filter(kind__in=FILTERS[only][1])
    if before is not None:
        last = TimelineEntry.objects.filter(incident=incident, number=before).values_list("happened_at").first()
        if last is None:
            return Window([])
        rows = rows.filter(Q(happened_at__lt=last[0]) | Q(happened_at=last[0], number__lt=before))
    found = list(rows[: size + 1])
    return Window(found[:size], found[size - 1].number if len(found) > size else None)


def newer(incident: Incident, after: int, size: int = 200) -> list[TimelineEntry]:
    """At most `size` entries with a number above `after`, in the order in which they were written."""
    return list(_rows(incident).filter(number__gt=after).order_by("number")[:size])


def entries_numbered(incident_id: int, numbers: Collection[int]) -> list[TimelineEntry]:
    """The entries with these numbers, for the stream."""
    rows = TimelineEntry.objects.select_related("author", "status_update")
    return list(rows.filter(incident_id=incident_id, number__in=numbers))


def _rows(incident: Incident):  # type: ignore[no-untyped-def]
    return (
        TimelineEntry.objects.filter(incident=incident)
        .select_related("author", "status_update")
        .order_by("-happened_at", "-number")
    )
