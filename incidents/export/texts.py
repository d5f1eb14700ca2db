"""The ladder's texts, filled in. Pure: a value is plain text, and a line without its value is left out.

Nobody ever reads `{impact}`, or a label with nothing behind it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import dropwhile, takewhile
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings

from core.moments import show_clock, show_duration, show_moment
from incidents.enums import IncidentStatus, Occasion, TextAudience
from incidents.models import Incident, MessageTemplate, StatusUpdate

PLACE = re.compile(r"\{([a-z_]+)\}")
LABEL = re.compile(r"^(?:#{1,6}\s.*|.*\S.*:[*_\s]*)$")
BLANKS = re.compile(r"\n{3,}")

# Of our own, for a ladder that has none for an audience. `text` is what the writer said, as one paragraph.
FALLBACK: dict[tuple[str, str], str] = {
    (TextAudience.INTERNAL, Occasion.DECLARED): "{reference} was declared.",
    (TextAudience.INTERNAL, Occasion.UPDATE): "{status}. {text}\n\nNext update by {next_update}.",
    (TextAudience.PUBLIC, Occasion.DECLARED): (
        "We are looking into a problem.\nAffected: {service}\n{impact}\nNext update by {next_update}."
    ),
    (TextAudience.PUBLIC, Occasion.UPDATE): (
        "{status}.\n{impact}\n{action}\nExpected to be over: {eta}\nNext update by {next_update}."
    ),
    (TextAudience.PUBLIC, Occasion.RESOLVED): "This is resolved.\nIt lasted {duration}.",
    (TextAudience.EXECUTIVE, Occasion.UPDATE): (
        "[{level}] {summary}\nStatus: {status}\nImpact: {impact}\nBusiness impact: {business_impact}\n"
        "What we do: {action}\nCause: {cause}\nExpected to be over: {eta}\nCommander: {commander}\n"
        "Next brief by {next_update}."
    ),
}


@dataclass(frozen=True)
class Said:
    """What a writer said: in fields, in words of their own, or both."""

    text: str = ""
    impact: str = ""
    action: str = ""
    cause: str = ""
    eta: str = ""

    @classmethod
    def fields_of(cls, update: StatusUpdate | None) -> Self:
        """What `update` said in fields; nothing without one."""
        return cls("", update.impact, update.action, update.cause, update.eta) if update else cls()

    @property
    def paragraph(self) -> str:
        """All of it in whole sentences; the writer's own words first."""
        labelled = [("", self.text), ("", self.impact), ("", self.action), ("Cause: ", self.cause)]
        labelled.append(("Expected to be over: ", self.eta))
        parts = [label + value.strip() for label, value in labelled if value.strip()]
        return parts[0] if len(parts) == 1 else " ".join(sentence(part) for part in parts)


def sentence(text: str) -> str:
    """`text` with a full stop, unless it ends with a mark of its own."""
    return text if text.endswith((".", "!", "?", ":", "`", ")")) else f"{text}."


def choose_text(texts: Iterable[MessageTemplate], audience: str, occasion: str, level: str) -> str:
    """The text of the ladder, else one of our own, else nothing."""
    row = text_of_ladder(texts, audience, occasion, level)
    return row.text if row else FALLBACK.get((audience, occasion), "")


def text_of_ladder(
    texts: Iterable[MessageTemplate], audience: str, occasion: str, level: str
) -> MessageTemplate | None:
    """The first that names `level`, else the first for every level."""
    fitting = [row for row in texts if row.audience == audience and row.occasion == occasion]
    named = [row for row in fitting if level in row.levels]
    return next(iter([*named, *(row for row in fitting if not row.levels)]), None)


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders filled in, once: braces inside a value stay as they are.

    A line that names a missing value is left out, and so is a label (`Impact:`) that then has nothing below it.
    """
    lines = [_filled(line, values) for line in text.splitlines()]
    kept = [line for place, line in enumerate(lines) if line is not None and not _has_lost_all(lines, place)]
    return BLANKS.sub("\n\n", "\n".join(kept)).strip()


def _filled(line: str, values: Mapping[str, str]) -> str | None:
    """The line with its values, or None when one is missing."""
    if any(not values.get(name, "").strip() for name in PLACE.findall(line)):
        return None
    return PLACE.sub(lambda match: values[match[1]].strip(), line)


def _has_lost_all(lines: list[str | None], place: int) -> bool:
    """Whether the line is a label or a heading, and every line of the paragraph below it fell away."""
    if not LABEL.match(lines[place] or ""):
        return False
    below = dropwhile(lambda line: line == "", lines[place + 1 :])
    paragraph = list(takewhile(lambda line: line is None or line.strip(), below))
    return bool(paragraph) and all(line is None for line in paragraph)


def values_of(
    incident: Incident,
    said: Said,
    *,
    now: datetime,
    zone: ZoneInfo,
    next_by: datetime | None = None,
    commander: str = "",
    resolution: str = "",
    thanks: str = "",
) -> dict[str, str]:
    """What each placeholder stands for; one that is not known is missing. Moments are wall times in `zone`."""
    known = {
        "level": incident.level.name,
        "summary": incident.summary,
        "reference": incident.reference,
        "service": incident.service.name if incident.service else "",
        "status": incident.get_status_display(),
        "impact": said.impact or impact_of(incident),
        "action": said.action,
        "cause": said.cause,
        "eta": said.eta,
        "business_impact": business_impact_of(incident),
        "resolution": resolution,
        "commander": commander,
        "room": f"{settings.MUSTER_URL}{incident.get_absolute_url()}",
        "next_update": show_clock(next_by, zone) if next_by else "",
        "duration": _duration(incident),
        "now": show_moment(now, zone),
        "thanks": thanks,
        "text": said.paragraph,
    }
    return {name: value for name, value in known.items() if value}


def impact_of(incident: Incident) -> str:
    """What users see and who is affected, in sentences; empty while it is unknown."""
    affected = f"Affected: {incident.customers}" if incident.customers else ""
    if not affected and incident.customers_count is not None:
        affected = f"Affected: {incident.customers_count} customers"
    return " ".join(sentence(part.strip()) for part in (incident.symptom, affected) if part.strip())


def business_impact_of(incident: Incident) -> str:
    """Revenue and data, as far as they are known."""
    revenue = " ".join(part for part in (incident.get_revenue_display().lower(), incident.revenue_note) if part)
    data = incident.get_data_integrity_display().lower()
    named = [("revenue loss", revenue), ("data at risk", data)]
    return ", ".join(f"{name} {value}" for name, value in named if value)


def difference(last: StatusUpdate, status: str, said: Said) -> list[str]:
    """What `said` says otherwise than the `last` update, a phrase for each; none when nothing does."""
    found = []
    if last.status != status:
        found.append(f"status {last.get_status_display().lower()} → {IncidentStatus(status).label.lower()}")
    for name, label in (("impact", "impact"), ("action", "what we do"), ("cause", "cause"), ("eta", "when it ends")):
        before, after = getattr(last, name).strip(), getattr(said, name).strip()
        if before != after and (before or after):
            found.append(f"{label} {'new' if not before else 'changed' if after else 'no longer said'}")
    return found


def _duration(incident: Incident) -> str:
    ended = incident.resolved_at
    if ended is None:
        return ""
    length = ended - (incident.impact_began_at or incident.declared_at)
    return show_duration(max(timedelta(minutes=1), timedelta(minutes=round(length / timedelta(minutes=1)))))
