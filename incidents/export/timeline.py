"""The timeline as a file: Markdown to read, CSV for a table, JSON for machines. Pure."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from incidents.export.status_document import files_in_words, files_of, one_line
from incidents.models import Incident, TimelineEntry

COLUMNS = (
    *("number", "happened_at", "is_about", "recorded_at", "kind", "author", "via", "text"),
    *("corrects", "is_corrected", "files"),
)
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def timeline_markdown(incident: Incident, entries: Sequence[TimelineEntry], zone: ZoneInfo) -> str:
    """A heading, and a line for each entry with its day and wall time in `zone`; what was corrected is struck."""
    head = f"# {incident.reference} {one_line(incident.summary)}\n\nTimes are {zone.key}.\n\n"
    return head + "".join(f"- {_line(entry, zone)}\n" for entry in entries)


def _line(entry: TimelineEntry, zone: ZoneInfo) -> str:
    moment = f"{'~' if entry.is_about else ''}{entry.happened_at.astimezone(zone):%Y-%m-%d %H:%M}"
    who = f"@{entry.author.handle} " if entry.author and f"@{entry.author.handle}" not in entry.text else ""
    text = one_line(entry.text)
    return f"{moment} — {who}{f'~~{text}~~' if is_corrected(entry) else text}{files_in_words(entry)}"


def timeline_csv(entries: Sequence[TimelineEntry]) -> str:
    """A row of COLUMNS for each entry, moments in UTC; what a spreadsheet would run begins with an apostrophe."""
    out = io.StringIO()
    rows = csv.DictWriter(out, COLUMNS)
    rows.writeheader()
    rows.writerows({name: _cell(value) for name, value in entry_facts(entry).items()} for entry in entries)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = ", ".join(file["name"] for file in value)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def timeline_json(incident: Incident, entries: Sequence[TimelineEntry]) -> str:
    """`{reference, summary, entries: […]}`, each entry with COLUMNS and its facts, moments in UTC.

    A file has its name, its size in bytes and its SHA-256.
    """
    rows = [whole_entry(entry) for entry in entries]
    whole = {"reference": incident.reference, "summary": incident.summary, "entries": rows}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def whole_entry(entry: TimelineEntry) -> dict[str, Any]:
    """One entry for a machine, in this document and by the API: COLUMNS and its facts."""
    return {**entry_facts(entry), "facts": entry.facts}


def entry_facts(entry: TimelineEntry) -> dict[str, Any]:
    """COLUMNS of one entry."""
    return {
        "number": entry.number,
        "happened_at": _utc(entry.happened_at),
        "is_about": entry.is_about,
        "recorded_at": _utc(entry.recorded_at),
        "kind": entry.kind,
        "author": entry.author.handle if entry.author else None,
        "via": entry.via,
        "text": entry.text,
        "corrects": entry.facts.get("corrects"),
        "is_corrected": is_corrected(entry),
        "files": [{name: file[name] for name in ("name", "size", "sha256")} for file in files_of(entry)],
    }


def is_corrected(entry: TimelineEntry) -> bool:
    """Whether another entry puts this one right; known where the entry was fetched for a screen or a document."""
    return bool(getattr(entry, "is_corrected", False))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
