"""Commands about where the incident stands, and about what others are told of it."""

from datetime import datetime

from accounts.actor import Actor
from core.errors import InvalidInput
from core.moments import show_clock
from incidents.actions.composer.words import find_other
from incidents.actions.customer_report import add_report
from incidents.actions.flag import lower_flag, raise_flag
from incidents.actions.link import link_incidents
from incidents.actions.public_word import ready_words, tell_public
from incidents.actions.severity import change_level
from incidents.actions.status import STEPS, change_status, close_incident, resolve_incident, stop_bleeding
from incidents.actions.status_update import post_status_update
from incidents.enums import Relation
from incidents.models import Incident

RELATIONS = {
    "": Relation.RELATED,
    "related": Relation.RELATED,
    "related to": Relation.RELATED,
    "caused by": Relation.CAUSED_BY,
    "caused-by": Relation.CAUSED_BY,
}


def status(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`identified words`: step there; with words, as a status update."""
    word, _, text = rest.partition(" ")
    status = word.lower()
    if status not in STEPS:
        known = ", ".join(STEPS)
        raise InvalidInput(f"“{word}” is no status; write /status and one of {known}.", field="line")
    if text.strip():
        post_status_update(incident, by=by, now=now, text=text, status=status)
        return f"Status update posted: {status}."
    change_status(incident, by=by, now=now, status=status)
    return f"Status: {status}."


def update(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """Words for others."""
    update = post_status_update(incident, by=by, now=now, text=rest)
    next_by = f"; next by {show_clock(update.next_by, by.zone)}" if update.next_by else ""
    return f"Status update posted{next_by}."


def public(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """Words for everybody outside. Alone it tells nobody: it shows what the ladder has ready."""
    if not rest and incident.may_be_public:
        ready = ready_words(incident, now=now)
        shown = f" The ladder's words would be: “{ready}”" if ready else ""
        raise InvalidInput(f"Write /public and the words, as everybody outside will read them.{shown}", field="line")
    tell_public(incident, by=by, now=now, text=rest)
    return "The public was told."


def severity(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`SEV1`, and why when it is lowered."""
    word, _, reason = rest.partition(" ")
    levels = {level.name.lower(): level for level in incident.level.version.levels.all()}
    if word.lower() not in levels:
        known = ", ".join(level.name for level in levels.values())
        raise InvalidInput(f"“{word}” is no level here; write /sev and one of {known}.", field="line")
    level = levels[word.lower()]
    said = f"{'Raised' if level.rank < incident.level.rank else 'Lowered'} to {level}"
    change = change_level(incident, by=by, now=now, level=level, reason=reason)
    return f"{said}." if change.settled_at else f"{said}; it rings in 10 s, until then you can take it back."


def flag(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`breach-suspected`, with “no” behind it to lower it."""
    word, _, verb = rest.partition(" ")
    if verb.strip().lower() in {"no", "off", "down"}:
        return f"{lower_flag(incident, by=by, now=now, flag=word).name}: no."
    if verb.strip():
        raise InvalidInput("Write /flag and its name; with “no” behind it to lower it.", field="line")
    return f"Flag raised: {raise_flag(incident, by=by, now=now, flag=word).name}."


def link(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`INC-… caused by`: another incident that the writer may see; without a relation, a related one."""
    word, _, relation = rest.partition(" ")
    relation = " ".join(relation.lower().split())
    if not word or relation not in RELATIONS:
        raise InvalidInput(
            "Write /link and the other incident, with “caused by” behind it if it was: /link INC-20260418-0042.",
            field="line",
        )
    other = find_other(word, by=by)
    made = link_incidents(incident, by=by, now=now, to=other, relation=RELATIONS[relation])
    return f"{made.get_relation_display()} {other.reference}."


def report(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """One more customer says so."""
    add_report(incident, by=by, now=now, note=rest)
    return "Counted."


def stopped(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """The bleeding stopped."""
    if rest:
        raise InvalidInput("Write /stopped alone; put what stopped it in a note.", field="line")
    stop_bleeding(incident, by=by, now=now)
    return "Bleeding stopped."


def resolve(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """It is over, with a reason if the policy asks."""
    resolve_incident(incident, by=by, now=now, reason=rest)
    return "Resolved."


def close(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """The response is over, with a reason while something holds it."""
    close_incident(incident, by=by, now=now, reason=rest)
    return "Closed."
