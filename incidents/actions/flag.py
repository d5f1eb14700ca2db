"""Flags: raised and lowered by one press; one that makes private closes the incident in the same breath."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput
from incidents.actions.audience import close_to_others
from incidents.actions.escalation import apply_matrix
from incidents.actions.lock import lock_to_act, lock_with_pages
from incidents.actions.new_failure import owe_words
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind
from incidents.models import Flag, Incident, IncidentFlag


def find_flag(incident: Incident, word: str) -> Flag:
    """The flag that this incident's ladder calls `word`. Raises InvalidInput, naming those there are."""
    flags = list(incident.level.version.flags.all())
    for flag in flags:
        if word.lower() in {flag.slug, flag.name.lower()}:
            return flag
    known = ", ".join(flag.slug for flag in flags) or "none"
    raise InvalidInput(f"There is no flag “{word[:50]}” here; this ladder has: {known}.", field="flag")


@transaction.atomic
def raise_flag(incident: Incident, *, by: Actor, now: datetime, flag: str) -> IncidentFlag:
    """Say that `flag` is so. What the matrix rings for it is rung now; one that is up stays as it is.

    A flag that makes private does so in this transaction, before anybody is rung; one that says that the failure was
    new owes words in runbooks. Raises InvalidInput for an unknown
    flag, NotAllowed, WrongState for a closed incident.
    """
    locked = lock_with_pages(incident, by)
    raised = put_up(locked, find_flag(locked, flag), by=by, now=now)
    note_sign_of_life(locked, by=by, now=now)
    return raised


def put_up(incident: Incident, flag: Flag, *, by: Actor, now: datetime) -> IncidentFlag:
    """The flag itself, on an incident that is locked with its pages."""
    there = incident.flags.up().filter(flag=flag.slug).first()
    if there:
        return there
    raised = IncidentFlag.objects.create(
        incident=incident, flag=flag.slug, name=flag.name, raised_at=now, raised_by=by.user
    )
    text = f"**Flag raised: {flag.name}**"
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.FLAG, facts={"flag": flag.slug, "up": True})
    if flag.makes_private and incident.audience_id is None:
        close_to_others(incident, by=by, now=now, reason=f"the flag “{flag.name}” was raised")
    if flag.is_new_failure:
        owe_words(incident, by=by, now=now)
    apply_matrix(incident, now=now)
    announce_change(incident, "band", "owed", "facts")
    return raised


@transaction.atomic
def lower_flag(incident: Incident, *, by: Actor, now: datetime, flag: str) -> IncidentFlag:
    """Say that `flag` is not so: lowered, or, when it was never up, the question answered with no.

    A private incident stays private; who was rung stays rung. The same again changes nothing. Raises InvalidInput for
    an unknown flag, NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    definition = find_flag(locked, flag)
    last = locked.flags.filter(flag=definition.slug).order_by("-pk").first()
    if last and last.lowered_at:
        return last
    row = last or IncidentFlag(incident=locked, flag=definition.slug, name=definition.name)
    row.lowered_at, row.lowered_by = now, by.user
    row.save()
    text = f"Flag lowered: {definition.name}" if row.raised_at else _denied(definition)
    if row.raised_at and definition.makes_private and locked.audience_id:
        text += ". It stays private until it is made public"
    facts = {"flag": definition.slug, "up": False}
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.FLAG, facts=facts)
    note_sign_of_life(locked, by=by, now=now)
    announce_change(locked, "band", "owed", "facts")
    return row


def _denied(flag: Flag) -> str:
    """`Is data at risk? No`, or `Breach suspected: no` where the policy asks nothing."""
    return f"{flag.question} No" if flag.question else f"{flag.name}: no"
