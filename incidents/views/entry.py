"""The fragment of one timeline entry, rendered once in a process: entries never change."""

from collections import OrderedDict
from datetime import date, datetime
from threading import Lock
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.enums import Via
from core.moments import organisation_zone
from incidents.enums import EntryKind
from incidents.models import TimelineEntry
from incidents.queries.timeline import Wanted, entries_of, filter_of, wanted

MOST_KEPT = 4000
_SILENT_WAYS = {Via.WEB, Via.MUSTER}
# Kinds that hold somebody's own words; the text of every other kind is a whole sentence with its names in it.
_OWN_WORDS = {EntryKind.NOTE, EntryKind.CORRECTION, EntryKind.UPDATE, EntryKind.MITIGATION}
_kept: "OrderedDict[tuple[int, str], SafeString]" = OrderedDict()
_lock = Lock()


def fragments(entries: list[TimelineEntry]) -> list[SafeString]:
    """Each of `entries` as a list item. One query for what was only glimpsed and has not been rendered yet."""
    unknown = [entry.pk for entry in entries if "text" not in vars(entry) and _key(entry) not in _kept]
    whole = {entry.pk: entry for entry in entries_of(unknown)} if unknown else {}
    return [fragment(whole.get(entry.pk, entry)) for entry in entries]


def fragment(entry: TimelineEntry) -> SafeString:
    """`entry` as one list item, the same for every reader. Its author and its status update must be fetched."""
    key = _key(entry)
    kept = _kept.get(key)
    if kept is not None:
        return kept
    is_corrected, files = _marks(entry)
    author = entry.author
    in_own_words = author is not None and entry.kind in _OWN_WORDS
    context = {
        "entry": entry,
        "is_corrected": is_corrected,
        "files": files,
        "files_of": entry.facts.get("files_of"),
        "corrects": entry.facts.get("corrects") if entry.kind == EntryKind.CORRECTION else None,
        "other_day": day_of(entry.happened_at) != day_of(entry.recorded_at),
        "who": author if in_own_words else None,
        "acted": author if author and not in_own_words and f"@{author.handle}" not in entry.text else None,
        "shown_by": filter_of(entry.kind),
        "came_by": "" if entry.via in _SILENT_WAYS else entry.get_via_display(),
    }
    made = render_to_string("incidents/timeline/entry.html", context)
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made


def _marks(entry: TimelineEntry) -> tuple[bool, list[dict[str, Any]]]:
    """Whether something corrects it, and its files: facts of the query, not of the row."""
    return getattr(entry, "is_corrected", False), getattr(entry, "files", [])


def _key(entry: TimelineEntry) -> tuple[int, str]:
    is_corrected, files = _marks(entry)
    return entry.pk, f"{entry.recorded_at.isoformat()} {is_corrected} {len(files)}"


def number_in(text: str) -> int | None:
    """The number that an address names; None for none, and for what is no number of an entry."""
    return int(text) if text.isdecimal() and len(text) < 9 else None


def wanted_of(request: HttpRequest) -> Wanted:
    """Which entries an address asks for."""
    asked = request.GET
    return wanted(asked.get("only", ""), asked.get("by", ""), asked.get("q", ""))


def day_of(moment: datetime) -> date:
    """The day of `moment` in the organisation's zone, in which fragments speak."""
    return moment.astimezone(organisation_zone()).date()
