"""What it does to whom: impact, the service, since when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actor import MUSTER, Actor
from core.errors import Conflict, InvalidInput
from core.moments import check_moment, show_clock, show_moment
from escalation.models import Service
from incidents.actions.escalation import apply_matrix
from incidents.actions.lock import lock_to_act
from incidents.actions.seat import fill_seats, name_commander
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import CommanderRule, EntryKind, RoleSource
from incidents.models import Incident

FIELDS = {
    "what_happens": "What is happening",
    "customers": "Customers affected",
    "customers_count": "Number of customers",
    "symptom": "What a user sees",
    "data_integrity": "Data integrity",
    "revenue": "Revenue impact",
    "revenue_note": "Revenue",
    "revenue_amount": "Revenue lost",
    "impact_began_at": "Impact began",
}


@transaction.atomic
def set_impact(
    incident: Incident, *, by: Actor, now: datetime, seen: Mapping[str, Any] | None = None, **fields: Any
) -> Incident:
    """Set some of FIELDS; those that do not change say nothing.

    `seen` is what the writer had before them, as `seen_of` gives it: a field that they left alone keeps what others
    have written since, and one that both have changed raises Conflict, with nothing overwritten. The
    timeline names each change; what it said before stays there. Raises InvalidInput for a value that the record
    cannot hold or a beginning in the future or after the resolution, NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise InvalidInput(f"There is no field {min(unknown)} here.", field=min(unknown))
    changed = {name: value for name, value in fields.items() if getattr(locked, name) != value}
    if seen is not None:
        changed = _own_changes(locked, changed, seen)
    if not changed:
        return locked
    _check_beginning(locked, changed.get("impact_began_at"), now=now)
    for name, value in changed.items():
        setattr(locked, name, value)
    try:
        locked.clean_fields(exclude={field.name for field in Incident._meta.fields} - set(changed))
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise InvalidInput(f"{FIELDS[field]}: {sentences[0]}", field=field) from error
    locked.save(update_fields=sorted(changed))
    text = " · ".join(f"{FIELDS[name]}: {_shown(locked, name)}" for name in changed)
    facts = {"fields": sorted(changed)}
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.IMPACT, facts=facts)
    note_sign_of_life(locked, by=by, now=now)
    if "revenue_amount" in changed:
        apply_matrix(locked, now=now)
    announce_change(locked, "band", "impact")
    return locked


def seen_of(incident: Incident) -> dict[str, Any]:
    """{field: its value} as JSON keeps it, for a form to bring back."""
    return {name: _plain(getattr(incident, name)) for name in FIELDS}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _own_changes(incident: Incident, changed: dict[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    """What the writer changed themselves. Raises Conflict where somebody else changed the same since."""
    own = {name: value for name, value in changed.items() if name not in seen or _plain(value) != seen[name]}
    both = [name for name in own if name in seen and _plain(getattr(incident, name)) != seen[name]]
    if both:
        last = incident.entries.filter(kind=EntryKind.IMPACT).select_related("author").order_by("-number").first()
        who = f"@{last.author.handle}" if last and last.author else "Somebody else"
        at = f" at {show_clock(last.recorded_at)}" if last else ""
        now_says = " · ".join(f"{FIELDS[name]}: {_shown(incident, name)}" for name in both)
        raise Conflict(f"{who} changed it{at} while you were writing: {now_says}. Nothing of yours was saved yet.")
    return own


def _check_beginning(incident: Incident, began_at: datetime | None, *, now: datetime) -> None:
    if began_at is None:
        return
    if check_moment(began_at, field="impact_began_at") > now:
        raise InvalidInput(f"{show_moment(began_at)} has not come yet.", field="impact_began_at")
    if incident.resolved_at and began_at > incident.resolved_at:
        end = show_clock(incident.resolved_at)
        raise InvalidInput(f"It was resolved at {end}; it cannot have begun later.", field="impact_began_at")


def _shown(incident: Incident, name: str) -> str:
    value = getattr(incident, name)
    if value in (None, ""):
        return "unknown"
    if isinstance(value, datetime):
        return show_moment(value)
    shown = getattr(incident, f"get_{name}_display", None)
    return str(shown()) if shown else str(value)


@transaction.atomic
def set_service(incident: Incident, *, by: Actor, now: datetime, service: Service | None) -> Incident:
    """Name the service that is affected, or another. Rings nobody: whom to page is a press of its own.

    The first one that is named fills what waited for its owner: the command, seats of the team.
    """
    locked = lock_to_act(incident, by)
    if locked.service == service:
        return locked
    before, locked.service = locked.service, service
    locked.save(update_fields=["service"])
    text = f"Service: {service.slug if service else 'none'}" + (f", was {before.slug}" if before else "")
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.IMPACT, facts={"fields": ["service"]})
    if service and locked.is_open:
        if locked.level.commander_rule == CommanderRule.SERVICE_OWNER:
            name_commander(locked, by=MUSTER, now=now)
        fill_seats(locked, by=MUSTER, now=now, only=RoleSource.SERVICE_OWNER)
    note_sign_of_life(locked, by=by, now=now)
    announce_change(locked, "band", "impact")
    return locked
