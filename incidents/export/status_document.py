"""The status document: one incident as Markdown, in the shape that people paste into chat and mail. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.moments import show_clock, show_moment
from incidents.enums import CheckOutcome, EntryKind
from incidents.models import ChecklistItem, Incident, Mitigation, StatusUpdate, TimelineEntry
from incidents.models.incident import DRILL
from incidents.queries.work import Work

UNKNOWN = "unknown yet"
_OWN_WORDS = {EntryKind.NOTE, EntryKind.CORRECTION, EntryKind.MITIGATION}


def status_document(
    incident: Incident,
    entries: Sequence[TimelineEntry],
    last_update: StatusUpdate | None,
    *,
    commander: str,
    zone: ZoneInfo,
    work: Work | None = None,
    checks: Sequence[ChecklistItem] = (),
) -> str:
    """`# [SEV2] summary — date time zone`, what happens, impact, current status, timeline with the newest first.

    `entries` come newest first, with their authors; times of the timeline are wall times in `zone`, with the day where
    it is another than the incident's. `work` adds the affected services, the confirmed cause and the mitigations,
    `checks` the verification points that were passed.
    """
    told = [_line(entry, incident.declared_at, zone) for entry in entries if _is_told(entry)]
    drill = DRILL if incident.is_drill else ""
    parts = [
        f"# [{incident.level.name}] {drill}{one_line(incident.summary)} — {show_moment(incident.declared_at, zone)}",
        f"## What's happening\n{incident.what_happens.strip() or UNKNOWN.capitalize() + '.'}",
        f"## Impact\n{_impact(incident)}",
        f"## Current status\n{_current(incident, last_update, commander, zone)}",
        *(_worked(work, zone) if work else []),
        *(["### Checks passed\n" + "\n".join(_check(item, zone) for item in checks)] if checks else []),
        "## Timeline (newest first)\n" + "\n".join(told),
    ]
    return "\n".join(part.rstrip() for part in parts) + "\n"


def one_line(text: str) -> str:
    """Text without line breaks, so that it stays one item of a list or one heading."""
    return " ".join(text.split())


def files_of(entry: TimelineEntry) -> list[dict[str, Any]]:
    """The files beside it; known where the entry was fetched for a screen or a document."""
    return list(getattr(entry, "files", ()))


def files_in_words(entry: TimelineEntry) -> str:
    """` (file: graph.png)`, or nothing."""
    names = [one_line(file["name"]) for file in files_of(entry)]
    return f" ({'file' if len(names) == 1 else 'files'}: {', '.join(names)})" if names else ""


def _check(item: ChecklistItem, zone: ZoneInfo) -> str:
    seen = [show_clock(item.marked_at, zone) if item.marked_at else "", str(item.marked_by), item.note]
    evidence = f"evidence: {item.attachment}" if item.attachment else ""
    return f"- {one_line(item.text)}: " + " · ".join(filter(None, [*map(one_line, seen), evidence]))


def _is_told(entry: TimelineEntry) -> bool:
    """Ticks stay in the room; a check that failed is told."""
    return entry.kind != EntryKind.CHECK or entry.facts.get("outcome") == CheckOutcome.FAILED


def _impact(incident: Incident) -> str:
    customers = incident.customers
    if incident.customers_count is not None and str(incident.customers_count) not in customers:
        customers = f"{incident.customers_count} ({customers})" if customers else str(incident.customers_count)
    amount = "" if incident.revenue_amount is None else f"{incident.revenue_amount:,}"
    parts = (incident.get_revenue_display().lower(), amount, incident.revenue_note)
    revenue = " ".join(part for part in parts if part)
    rows = [
        ("Affected customers", customers or UNKNOWN),
        ("User-visible", incident.symptom or UNKNOWN),
        ("Data integrity", incident.get_data_integrity_display().lower() or UNKNOWN),
        ("Revenue impact", revenue),
        ("Service", incident.service.name if incident.service else ""),
    ]
    return "\n".join(f"- {name}: {one_line(value)}" for name, value in rows if value)


def _current(incident: Incident, last_update: StatusUpdate | None, commander: str, zone: ZoneInfo) -> str:
    status = incident.get_status_display().upper()
    words = _words_of_now(incident, last_update, zone)
    lines = [f"{status} — {words}" if words else status]
    lines += [f"Commander: {commander}"] if commander else []
    if last_update and last_update.next_by and incident.is_open:
        lines.append(f"Next update by {show_clock(last_update.next_by, zone)}")
    return "\n\n".join(lines)


def _words_of_now(incident: Incident, last_update: StatusUpdate | None, zone: ZoneInfo) -> str:
    """The last update, unless it was over since: “we are looking for the cause” is not how it stands then."""
    if last_update is None or (incident.resolved_at and last_update.posted_at < incident.resolved_at):
        return f"it was over at {show_clock(incident.resolved_at, zone)}" if incident.resolved_at else ""
    return last_update.text.strip()


def _worked(work: Work, zone: ZoneInfo) -> list[str]:
    """Under the current status: what is affected, why, and what was done; what has no line is left out.

    The document keeps its four chapters (document 000).
    """
    services = [f"{row.service.name}: {row.get_state_display().lower() or UNKNOWN}" for row in work.services]
    cause = [work.confirmed.text] if work.confirmed else []
    done = [_mitigation(row.mitigation, zone) for row in reversed(work.mitigations)]
    chapters = [("Affected services", services), ("Confirmed cause", cause), ("Mitigations", done)]
    return [
        f"### {title}\n" + "\n".join(f"- {one_line(line)}" for line in lines) for title, lines in chapters if lines
    ]


def _mitigation(row: Mitigation, zone: ZoneInfo) -> str:
    became = row.get_outcome_display().lower() or "not known yet whether it worked"
    left = f"; left: {row.remaining}" if row.remaining else ""
    return f"{row.started_at.astimezone(zone):%H:%M} — {row.name}: {became}{left}"


def _line(entry: TimelineEntry, declared_at: datetime, zone: ZoneInfo) -> str:
    local = entry.happened_at.astimezone(zone)
    same_day = local.date() == declared_at.astimezone(zone).date()
    who = f"@{entry.author.handle} " if entry.author and entry.kind in _OWN_WORDS else ""
    moment = f"{local:%H:%M}" if same_day else f"{local:%Y-%m-%d %H:%M}"
    return f"- {moment} — {who}{one_line(entry.text)}{files_in_words(entry)}"
