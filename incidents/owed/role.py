"""Command that nobody has or that should be handed over, and other roles that nobody holds."""

from datetime import datetime, timedelta
from typing import Any

from core.lines import list_names
from incidents.enums import CommanderRule
from incidents.owed.facts import IncidentFacts
from incidents.owed.row import OwedRow, row_of

HOLDING_BACK = timedelta(minutes=10)  # until then, or the second responder, the commander holds the empty roles
BEFORE_SHIFT_END = timedelta(minutes=20)  # so early whoever commands is asked to hand over
LONG_COMMAND = timedelta(hours=4)  # after so long too


def commander_missing(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """Nobody commands, at a level that has a commander, and it is still going on."""
    incident = facts.incident
    if facts.commander or not incident.is_open or incident.level.commander_rule == CommanderRule.NOBODY:
        return None
    waits = any(not page.is_exhausted for page in facts.pages)
    return row_of(
        now,
        key="commander",
        what="Nobody commands yet",
        detail=incident.commander_trouble or ("whoever answers first will" if waits else ""),
        tone="" if waits and not incident.commander_trouble else "late",
        verb="Take command",
        url=facts.action_urls.get("take_command", "#roles"),
        posts="take_command" in facts.action_urls,
    )


def command_to_hand_over(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """Whoever commands is silent, goes home soon, or has commanded for long; and has offered it to nobody."""
    command = facts.command
    if command is None or facts.is_offered or not facts.incident.is_open:
        return None
    who, ends_at = f"@{command.user.handle}", command.shift_ends_at
    ask: dict[str, Any] = {
        "key": "hand-over",
        "verb": "Hand over",
        "url": facts.action_urls.get("hand_over", "#takeover"),
    }
    if facts.silent_since:
        return row_of(now, what=f"{who} commands and is silent", tone="late", **ask)
    if ends_at and ends_at - BEFORE_SHIFT_END <= now:
        return row_of(now, what=f"Hand over command: the shift of {who} ends", due_at=ends_at, **ask)
    if now - command.began_at >= LONG_COMMAND:
        return row_of(now, what=f"Hand over command: {who} has commanded for 4 h", tone="soon", **ask)
    return None


def seats_empty(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """Roles that the level wants and nobody holds; until minute ten or the second responder, the commander does."""
    incident = facts.incident
    if not facts.empty_seats or not incident.is_open:
        return None
    if now - incident.declared_at < HOLDING_BACK and facts.people < 2:
        return None
    names = list_names(facts.empty_seats)
    what = f"{names[:1].upper()}{names[1:].lower()} {'are' if len(facts.empty_seats) > 1 else 'is'} empty"
    return row_of(now, key="seats", what=what, verb="Assign", url="#roles")
