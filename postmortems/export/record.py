"""What the incident's record says by itself: the head, the impact, the timeline. Pure: the rows come in, words go out.

The timeline holds what happened, not who did it, and not what Muster did by itself: notes, the declaration, steps of
status but the closing of the record, status updates, changes of level, mitigations, and of pages the answers and the
page that reached nobody, and of checks those that were passed or failed, with who saw them. Rings, roles, promises,
impact fields and asides of Muster stay in the room: they are noise here, or stand in a section of their own; so does
the status step that “bleeding stopped” makes by itself. An entry that was corrected gives way to its correction, at
the moment at which it happened.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.lines import list_names
from core.moments import organisation_zone
from incidents.enums import CheckOutcome, DataIntegrity, EntryKind, IncidentStatus, RevenueImpact
from incidents.models import Incident, TimelineEntry

UNKNOWN = "Not known"
TOLD = {
    EntryKind.NOTE,
    EntryKind.DECLARED,
    EntryKind.UPDATE,
    EntryKind.SEVERITY,
    EntryKind.MITIGATION,
    EntryKind.CORRECTION,
}
SEEN = {CheckOutcome.PASSED, CheckOutcome.FAILED}
# The end of each span of the response, what it was spent on, and its tone in the bar.
SPANS = (("identified", "find", "warn"), ("mitigated", "mitigate", "accent"), ("resolved", "watch", "good"))


@dataclass(frozen=True)
class Phase:
    """One span of the incident: `minutes` spent `name` (“undetected”, “to find”); `tone` names a colour."""

    name: str
    minutes: int
    tone: str

    @property
    def style(self) -> SafeString:
        """Width and colour in the bar, as a style attribute."""
        return format_html("--w:{};background:var(--mu-{})", self.minutes, self.tone)


@dataclass(frozen=True)
class Head:
    """The head of the document; what publication keeps."""

    reference: str
    title: str
    level: str
    rank: int
    date: str
    duration: str
    phases: list[Phase]

    def as_json(self) -> dict[str, Any]:
        """For Postmortem.record."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        return cls(**{**kept, "phases": [Phase(**phase) for phase in kept["phases"]]})


@dataclass(frozen=True)
class Line:
    """One line of the timeline: `when` as it is shown, with its zone; the Markdown; its HTML if it is known."""

    when: str
    text: str
    html: str = ""


def read_head(incident: Incident, entries: Iterable[TimelineEntry]) -> Head:
    """The head as the record has it now, in the organisation's zone."""
    zone = organisation_zone()
    began = incident.impact_began_at or incident.declared_at
    return Head(
        reference=incident.reference,
        title=" ".join(incident.summary.split()),
        level=incident.level.name,
        rank=incident.level.rank,
        date=f"{began.astimezone(zone):%Y-%m-%d}",
        duration=read_duration(incident, zone),
        phases=read_phases(incident, entries),
    )


def read_duration(incident: Incident, zone: ZoneInfo) -> str:
    """`14:15 → 15:20 CEST (65 min)`, with the days when it crossed midnight, and the zone twice when it changed."""
    began = (incident.impact_began_at or incident.declared_at).astimezone(zone)
    ended = (incident.resolved_at or incident.closed_at or began).astimezone(zone)
    start = f"{began:%H:%M}" if began.tzname() == ended.tzname() else f"{began:%H:%M %Z}"
    if incident.resolved_at is None and incident.closed_at is None:
        return f"{began:%H:%M %Z} → not over yet"
    counted = "" if incident.impact_began_at else ", from the declaration"
    span = f"({minutes_between(began, ended)} min{counted})"
    if began.date() != ended.date():
        return f"{began:%Y-%m-%d} {start} → {ended:%Y-%m-%d %H:%M %Z} {span}"
    return f"{start} → {ended:%H:%M %Z} {span}"


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes as the clock shows them, so that the parts add up to the whole."""
    return (whole_minute(end) - whole_minute(start)) // timedelta(minutes=1)


def whole_minute(moment: datetime) -> datetime:
    """`moment` without its seconds, as an instant."""
    return datetime.fromtimestamp(moment.timestamp() // 60 * 60, tz=ZoneInfo("UTC"))


def read_phases(incident: Incident, entries: Iterable[TimelineEntry]) -> list[Phase]:
    """Minutes undetected, to find, to mitigate, watching, as far as the record knows the stamps between.

    A stamp that is missing, or that lies before the one before it (the bleeding stopped before the cause was known),
    joins its two spans: “to find and mitigate”. Spans of no minute are left out. Empty while it is not over.
    """
    if incident.resolved_at is None:
        return []
    last = min(filter(None, (incident.declared_at, incident.acknowledged_at)))
    phases = []
    if incident.impact_began_at and incident.impact_began_at < last:
        phases.append(Phase("undetected", minutes_between(incident.impact_began_at, last), "bad"))
    stamps = {
        "identified": identified_at(entries),
        "mitigated": incident.mitigated_at,
        "resolved": incident.resolved_at,
    }
    spent: list[str] = []
    for position, (stamp, verb, tone) in enumerate(SPANS):
        spent.append(verb)
        moment = stamps[stamp]
        later = [stamps[name] for name, _, _ in SPANS[position + 1 :]]
        if moment is None or moment < last or any(other and other < moment for other in later):
            continue
        phases.append(Phase(spent_on(spent), minutes_between(last, moment), tone))
        last, spent = moment, []
    return [phase for phase in phases if phase.minutes]


def spent_on(verbs: Sequence[str]) -> str:
    """`to find`, `to find and mitigate`, `watching`."""
    if list(verbs) == ["watch"]:
        return "watching"
    return f"to {list_names(verbs)}"


def identified_at(entries: Iterable[TimelineEntry]) -> datetime | None:
    """When the status first said that the cause was found."""
    moments = [
        entry.happened_at
        for entry in entries
        if IncidentStatus.IDENTIFIED in {entry.facts.get("after"), entry.facts.get("status")}
    ]
    return min(moments, default=None)


def impact_body(incident: Incident) -> str:
    """The impact as document 000 asks for it, a Markdown list."""
    count = "" if incident.customers_count is None else f"{incident.customers_count:,}"
    estimated = incident.get_revenue_display() if incident.revenue else ""
    values = {
        "Customers affected": " · ".join(filter(None, (count, incident.customers))),
        "User-visible symptom": incident.symptom,
        "Data integrity": DataIntegrity(incident.data_integrity).label if incident.data_integrity else "",
        "Revenue impact": ": ".join(filter(None, (estimated, incident.revenue_note)))
        if incident.revenue == RevenueImpact.ESTIMATED
        else estimated,
    }
    return "\n".join(f"- {label}: {one_line(value) or UNKNOWN}" for label, value in values.items())


def one_line(text: str) -> str:
    """Plain text for one line of Markdown."""
    return " ".join(text.split())


def timeline_lines(entries: Iterable[TimelineEntry]) -> list[Line]:
    """The lines of the timeline, oldest first, in the organisation's zone; days are named when there are several."""
    every = list(entries)
    moments = {entry.pk: entry.happened_at for entry in every}
    corrected = {entry.corrects_id for entry in every if entry.corrects_id}
    stopped = {entry.happened_at for entry in every if entry.kind == EntryKind.MITIGATION}
    told = [
        (moments.get(entry.corrects_id or entry.pk, entry.happened_at), entry.number, entry)
        for entry in every
        if entry.pk not in corrected and is_told(entry) and not follows_from(entry, stopped)
    ]
    told.sort(key=lambda row: row[:2])
    zone = organisation_zone()
    local = [(happened_at.astimezone(zone), entry) for happened_at, _, entry in told]
    shape = "%H:%M %Z" if len({moment.date() for moment, _ in local}) < 2 else "%Y-%m-%d %H:%M %Z"
    return [Line(f"{moment:{shape}}", entry.text.strip(), entry.html) for moment, entry in local]


def is_told(entry: TimelineEntry) -> bool:
    """Whether the postmortem tells it; see the head of this module for why."""
    if entry.kind == EntryKind.PAGE:
        return bool({"answer", "not_rung"} & set(entry.facts)) or entry.facts.get("event") == "exhausted"
    if entry.kind == EntryKind.STATUS:
        return entry.facts.get("after", IncidentStatus.CLOSED) != IncidentStatus.CLOSED
    if entry.kind == EntryKind.CHECK:
        return bool(entry.facts.get("check")) and entry.facts.get("outcome") in SEEN
    return entry.kind in TOLD


def follows_from(entry: TimelineEntry, stopped: Collection[datetime]) -> bool:
    """Whether `entry` is the step to monitoring that stopping the bleeding at one of `stopped` made by itself."""
    return entry.facts.get("after") == IncidentStatus.MONITORING and entry.happened_at in stopped
