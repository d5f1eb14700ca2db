"""The timeline as the room shows it: a window of the newest, older ones on demand, filtered by what they are."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from core.prepared import Prepared, given_key
from incidents.enums import EntryKind
from incidents.models import EntryFile, Incident, TimelineEntry
from incidents.queries.search import LONGEST_SEARCH, with_words

Rows = QuerySet[TimelineEntry]
PINNED = "pinned"

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


@dataclass(frozen=True)
class Wanted:
    """Which entries a reader wants: of a filter, of one person, the pinned ones, those that hold some words."""

    only: str = ""
    by: str = ""
    words: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.only or self.by or self.words)

    @property
    def query(self) -> str:
        """As it stands in an address, to go on with."""
        asked = {"only": self.only, "by": self.by, "q": self.words}
        return urlencode({name: value for name, value in asked.items() if value})

    def of(self, rows: Rows) -> Rows:
        """Those of `rows`."""
        if self.only == PINNED:
            rows = rows.filter(pins__isnull=False, pins__taken_down_at__isnull=True)
        elif self.only:
            rows = rows.filter(kind__in=FILTERS[self.only][1])
        if self.by:
            rows = rows.filter(author__handle=self.by)
        return with_words(rows, self.words) if self.words else rows


def wanted(only: str, by: str, words: str) -> Wanted:
    """What an address asks for; a filter that nobody knows is everything."""
    handle = by.strip().removeprefix("@").lower()[:40].replace("\x00", "")
    known = only if only in FILTERS or only == PINNED else ""
    return Wanted(known, handle, words.strip()[:LONGEST_SEARCH].replace("\x00", ""))


def shown(incident: Incident, kinds: Collection[str] | None = None) -> "list[TimelineEntry]":
    """Every entry of `incident`, newest first, with what its fragment shows; for documents."""
    rows = _rows(incident)
    return list(rows.filter(kind__in=kinds) if kinds is not None else rows)


def window(incident: Incident, before: int | None = None, size: int = WINDOW, want: "Wanted | None" = None) -> Window:
    """The newest `size` entries that somebody wants, or those of them that follow the entry number `before`.

    One query (one more to find `before`), whatever the size of the timeline.
    """
    rows = want.of(_rows(incident)) if want else _rows(incident)
    if before is not None:
        last = TimelineEntry.objects.filter(incident=incident, number=before).values_list("happened_at").first()
        if last is None:
            return Window([])
        rows = rows.filter(Q(happened_at__lt=last[0]) | Q(happened_at=last[0], number__lt=before))
    found = list(rows[: size + 1])
    return Window(found[:size], found[size - 1].number if len(found) > size else None)


def glimpse(incident: Incident) -> Window:
    """The newest window of everything, each entry with no more than what tells whether its fragment is kept."""
    found = MARKS.rows(incident=incident.pk)
    return Window(found[:WINDOW], found[WINDOW - 1].number if len(found) > WINDOW else None)


def newer(incident: Incident, after: int, size: int = 200) -> list[TimelineEntry]:
    """At most `size` entries with a number above `after`, in the order in which they were written."""
    return list(_rows(incident).filter(number__gt=after).order_by("number")[:size])


def entry_of(incident: Incident, number: int) -> TimelineEntry | None:
    """One entry, with what its fragment shows."""
    return _rows(incident).filter(number=number).first()


def entries_numbered(incident_id: int, numbers: Collection[int]) -> list[TimelineEntry]:
    """The entries with these numbers, for the stream."""
    return list(_with_all(TimelineEntry.objects.filter(incident_id=incident_id, number__in=numbers)))


def with_files_since(incident_id: int, entries: Collection[TimelineEntry]) -> dict[int, list[TimelineEntry]]:
    """{number: the older entry beside which that one of `entries` says files were put, as it stands now}.

    One query where there is any, else none.
    """
    named = {entry.number: entry.facts["files_of"] for entry in entries if "files_of" in entry.facts}
    older = {entry.number: entry for entry in entries_numbered(incident_id, named.values())} if named else {}
    return {number: [older[of]] for number, of in named.items() if of in older}


def entries_of(keys: Collection[int]) -> list[TimelineEntry]:
    """The entries with these primary keys, with what their fragments show."""
    return list(_with_all(TimelineEntry.objects.filter(pk__in=keys)))


def _rows(incident: Incident) -> Rows:
    return _with_all(TimelineEntry.objects.filter(incident=incident)).order_by("-happened_at", "-number")


def _with_all(rows: Rows) -> Rows:
    """With the author, the status update, whether something corrects it, and its `files`."""
    return _with_marks(rows).select_related("author", "status_update")


def _with_marks(rows: Rows) -> Rows:
    """With what may change beside an entry: whether something corrects it, and its `files`.

    A file is {name, size in bytes, sha256, incident}, the last its reference.
    """
    corrections = TimelineEntry.objects.filter(corrects__isnull=False)  # so that no other entry is read to find them
    corrected = Exists(corrections.filter(corrects=OuterRef("pk")))
    beside = EntryFile.objects.filter(entry=OuterRef("pk")).order_by("pk")
    names = {name: f"attachment__{name}" for name in ("name", "size", "sha256")}
    files = ArraySubquery(beside.values(found=JSONObject(incident="attachment__incident__reference", **names)))
    return rows.annotate(is_corrected=corrected, files=files)


def _marks() -> Rows:
    rows = TimelineEntry.objects.filter(incident=given_key("incident")).only("number", "recorded_at")
    return _with_marks(rows).order_by("-happened_at", "-number")[: WINDOW + 1]


MARKS = Prepared(_marks)
