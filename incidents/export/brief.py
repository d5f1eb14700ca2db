"""The brief of a handover: what somebody must know who takes over, from the record. Pure."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from core.moments import show_moment, show_near
from incidents.enums import PromiseKind
from incidents.export.status_document import one_line
from incidents.owed import OwedRow, owed
from incidents.queries.handover import Brief

DECISIONS = frozenset({PromiseKind.DECISION, PromiseKind.CRITICAL})
MOST = 8


def handover_brief(brief: Brief, *, now: datetime, zone: ZoneInfo) -> str:
    """Markdown: what, since when, impact, who does what, what is owed now, open decisions, what is promised next.

    A part of which nothing is known says so; a part that would be empty is left out. Moments in `zone`.
    """
    incident = brief.facts.incident
    rows = [row for row in owed(brief.facts, now) if row.key != "hand-over"]
    decisions = {f"promise:{row.pk}" for row in brief.facts.promises if row.kind in DECISIONS}
    pressing = [row for row in rows if row.key not in decisions and (row.tone or row.due_at is None)]
    later = [row for row in rows if row.key not in decisions and row not in pressing]
    parts = [
        f"**What:** {one_line(incident.headline)} ({incident.reference}, {incident.get_status_display().lower()})",
        f"**Since:** {_since(brief, zone)}",
        f"**Impact:** {_impact(brief)}",
        f"**Who:** {_who(brief, now, zone)}",
        _listed("Owed now", pressing, now, zone),
        _listed("Open decisions", [row for row in rows if row.key in decisions], now, zone),
        _listed("Promised next", later, now, zone),
        _last_update(brief, now, zone),
    ]
    return "\n\n".join(part for part in parts if part)


def _since(brief: Brief, zone: ZoneInfo) -> str:
    incident = brief.facts.incident
    began = incident.impact_began_at
    impact = f"it hurts since {show_moment(began, zone)}" if began else "when it began to hurt is unknown"
    stopped = f"; the bleeding stopped {show_moment(incident.mitigated_at, zone)}" if incident.mitigated_at else ""
    return f"declared {show_moment(incident.declared_at, zone)}; {impact}{stopped}"


def _impact(brief: Brief) -> str:
    incident = brief.facts.incident
    count = f"{incident.customers_count} customers" if incident.customers_count is not None else ""
    words = (incident.what_happens, incident.symptom, incident.customers, count)
    return "; ".join(one_line(word) for word in words if word.strip()) or "unknown yet"


def _who(brief: Brief, now: datetime, zone: ZoneInfo) -> str:
    roles = [f"{row.name} {row.user} since {show_near(row.began_at, now, zone)}" for row in brief.roles]
    teams = [
        f"{team.name}: {team.lead} leads"
        + "".join(f", {row.user}" for row in team.members.all() if row.user_id != team.lead_id)
        for team in brief.teams
    ]
    return "; ".join([*roles, *teams]) or "nobody holds a role"


def _listed(title: str, rows: Sequence[OwedRow], now: datetime, zone: ZoneInfo) -> str:
    if not rows:
        return ""
    lines = [f"- {_line(row, now, zone)}" for row in rows[:MOST]]
    more = [f"- and {len(rows) - MOST} more"] if len(rows) > MOST else []
    return "\n".join([f"**{title}:**", "", *lines, *more])


def _line(row: OwedRow, now: datetime, zone: ZoneInfo) -> str:
    by = f", by {show_near(row.due_at, now, zone)}" if row.due_at else ""
    late = " (late)" if row.tone == "late" and row.due_at else ""
    owner = f" · {row.owner}" if row.owner else ""
    return f"{one_line(row.what)}{by}{late}{owner}"


def _last_update(brief: Brief, now: datetime, zone: ZoneInfo) -> str:
    last = brief.last_update
    return f"**Last update** ({show_near(last.posted_at, now, zone)}): {one_line(last.text)}" if last else ""
