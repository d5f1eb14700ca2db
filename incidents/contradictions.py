"""What does not fit together, said as a hint: one at a time, from rows already fetched. Pure: no query, no clock.

For the first five minutes only what leaks and what nobody answers is said: the room has other worries.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.moments import show_clock
from incidents.enums import CommanderRule, IncidentStatus, PromiseKind, WatchOrder
from incidents.models import Incident, Promise, StatusUpdate

HELD_BACK = timedelta(minutes=5)
PUBLIC_SILENT = timedelta(minutes=12)
IMPACT_UNKNOWN = timedelta(minutes=15)
SHIFT_ENDS = timedelta(minutes=20)
NOBODY_COMMANDS = timedelta(minutes=10)
WORST = 2  # so many levels from the top


@dataclass(frozen=True)
class Hint:
    """One thing that does not fit: its key, a whole sentence, and the panel that puts it right (empty: none)."""

    key: str
    says: str
    verb: str = ""
    panel: str = ""
    at_once: bool = False


@dataclass(frozen=True)
class Facts:
    """All that is looked at. `place` is how many levels are worse; `zone` that of the reader."""

    incident: Incident
    promises: Sequence[Promise]
    last_update: StatusUpdate | None
    has_commander: bool
    has_impact: bool
    unanswered: int
    place: int
    cadence: timedelta | None
    zone: ZoneInfo
    shift_ends_at: datetime | None = None
    mitigations: int = 0


def contradictions(facts: Facts, now: datetime, sent_away: Collection[str] = ()) -> list[Hint]:
    """Every hint that holds at `now` and was not sent away, the most urgent first."""
    if facts.incident.status == IncidentStatus.CLOSED:
        return []
    early = now - facts.incident.declared_at < HELD_BACK
    found = [hint for says in RULES if (hint := says(facts, now))]
    return [hint for hint in found if hint.key not in sent_away and (hint.at_once or not early)]


def _public_leak(facts: Facts, now: datetime) -> Hint | None:
    """Private, or a drill, and the public was told of it."""
    incident = facts.incident
    if incident.may_be_public or not incident.public_state:
        return None
    what = "a drill" if incident.is_drill else "private"
    return Hint("public_leak", f"This is {what}, and the public was told of it.", at_once=True)


def _unanswered(facts: Facts, now: datetime) -> Hint | None:
    if not facts.unanswered or not facts.incident.is_open:
        return None
    says = (
        "A page has reached its end and nobody has answered."
        if facts.unanswered == 1
        else (f"{facts.unanswered} pages have reached their end and nobody has answered.")
    )
    return Hint("unanswered", says, "Page someone", "page", at_once=True)


def _public_knows_nothing(facts: Facts, now: datetime) -> Hint | None:
    incident = facts.incident
    since = now - incident.declared_at
    if not (incident.level.is_public and incident.may_be_public and incident.is_open) or since < PUBLIC_SILENT:
        return None
    if incident.public_state:
        return None
    minutes = int(since / timedelta(minutes=1))
    says = f"{incident.level} for {minutes} minutes, and the public was told nothing."
    return Hint("public_knows_nothing", says, "Tell the public", "public")


def _public_says_over(facts: Facts, now: datetime) -> Hint | None:
    """The public reads “resolved” while the policy still watches before it."""
    incident = facts.incident
    if incident.public_state != IncidentStatus.RESOLVED or not incident.is_open:
        return None
    watch = next((row for row in facts.promises if row.kind == PromiseKind.WATCH), None)
    before = incident.level.watch_order == WatchOrder.BEFORE_RESOLVED
    until = f": {incident.level} is watched until {show_clock(watch.due_at, facts.zone)}" if watch and before else ""
    return Hint("public_says_over", f"The public reads “resolved”, and it is not{until}.", "Tell the public", "public")


def _public_not_told_of_the_end(facts: Facts, now: datetime) -> Hint | None:
    incident = facts.incident
    if incident.status != IncidentStatus.RESOLVED or incident.public_state in {"", IncidentStatus.RESOLVED}:
        return None
    state = incident.get_public_state_display().lower()
    return Hint(
        "public_not_told_of_the_end",
        f"It is resolved, and the public still reads “{state}”.",
        "Tell the public",
        "public",
    )


def _shift_ends(facts: Facts, now: datetime) -> Hint | None:
    ends_at = facts.shift_ends_at
    if not facts.has_commander or not facts.incident.is_open or ends_at is None:
        return None
    if not timedelta(0) < ends_at - now <= SHIFT_ENDS:
        return None
    says = f"The commander's shift ends at {show_clock(ends_at, facts.zone)}."
    return Hint("shift_ends", says, "Pass command on", "roles")


def _nobody_commands(facts: Facts, now: datetime) -> Hint | None:
    incident = facts.incident
    if facts.has_commander or not incident.is_open or incident.level.commander_rule == CommanderRule.NOBODY:
        return None
    if now - incident.declared_at < NOBODY_COMMANDS:
        return None
    return Hint("nobody_commands", f"{incident.level} has a commander, and nobody commands.", "Take command", "roles")


def _impact_unknown(facts: Facts, now: datetime) -> Hint | None:
    incident = facts.incident
    if facts.has_impact or not incident.is_open or facts.place >= WORST:
        return None
    if now - incident.declared_at < IMPACT_UNKNOWN:
        return None
    return Hint(
        "impact_unknown", f"{incident.level}, and nobody has said what it does to whom.", "Set the impact", "impact"
    )


def _monitoring_what(facts: Facts, now: datetime) -> Hint | None:
    incident = facts.incident
    if incident.status != IncidentStatus.MONITORING or incident.mitigated_at or facts.mitigations:
        return None
    return Hint("monitoring_what", "It is being monitored, and nothing says what stopped it.")


def _promised_too_late(facts: Facts, now: datetime) -> Hint | None:
    """The update that was promised comes later than the level allows: the level was raised, or the promise moved."""
    owed = next((row for row in facts.promises if row.kind == PromiseKind.STATUS_UPDATE), None)
    if owed is None or facts.cadence is None or not facts.incident.is_open or owed.done_at:
        return None
    last = facts.last_update
    if last is None or last.next_by is None or last.next_by <= max(last.posted_at + facts.cadence, owed.due_at):
        return None
    told, due = show_clock(last.next_by, facts.zone), show_clock(owed.due_at, facts.zone)
    says = f"People were promised words by {told}; {facts.incident.level} owes them by {due}."
    return Hint("promised_too_late", says, "Write", "update")


RULES: tuple[Callable[[Facts, datetime], Hint | None], ...] = (
    _public_leak,
    _unanswered,
    _public_says_over,
    _public_knows_nothing,
    _public_not_told_of_the_end,
    _nobody_commands,
    _shift_ends,
    _impact_unknown,
    _promised_too_late,
    _monitoring_what,
)
