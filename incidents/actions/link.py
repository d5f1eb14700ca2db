"""Two incidents that have to do with each other: related, caused by, a duplicate.

Both are changed in one transaction; such actions take turns, so that two of them never wait for each other's rows.
"""

from datetime import datetime

from django.db import connection, transaction

from accounts.actor import Actor
from comms.enums import MessageKind
from core.errors import InvalidInput, NotAllowed, WrongState
from escalation.queries.page import people_answered
from incidents.actions.lock import lock_incident, lock_to_act, lock_to_end
from incidents.actions.message import tell
from incidents.actions.promise import withdraw_promises
from incidents.actions.status import close_record, tell_channel
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import ClosedAs, EntryKind, IncidentStatus, PromiseKind, Relation
from incidents.models import Incident, IncidentLink
from incidents.permissions import can_see
from incidents.queries.people import people_at_work

TURNS = 0x4C696E6B  # the name of PostgreSQL's advisory lock of those who change two incidents
HIDDEN = "a private incident"


@transaction.atomic
def link_incidents(incident: Incident, *, by: Actor, now: datetime, to: Incident, relation: str) -> IncidentLink:
    """`incident` is related to, or caused by, `to`: both rooms show it, and both timelines say so.

    Whoever may not see the one reads nothing of it in the other. The same again changes nothing. Raises InvalidInput
    for another relation or the incident itself, NotAllowed, WrongState for a closed incident.
    """
    if relation not in {Relation.RELATED, Relation.CAUSED_BY}:
        raise InvalidInput(f"“{relation}” is no relation; there are related and caused by.", field="relation")
    _take_turns(incident, to, by)
    locked, other = lock_to_act(incident, by), lock_incident(to)
    link, new = IncidentLink.objects.get_or_create(
        source=locked, target=other, defaults={"relation": relation, "at": now, "by": by.user}
    )
    if new:
        word = Relation(relation).label.lower()
        _write_both(locked, other, by=by, now=now, here=f"Linked: {word} ", there=f"Linked: {word} this one: ")
        note_sign_of_life(locked, by=by, now=now)
    return link


@transaction.atomic
def merge_incident(incident: Incident, *, by: Actor, now: datetime, into: Incident) -> Incident:
    """Close `incident` as a duplicate of `into`: its pages stop, it owes nothing more, its people are sent there.

    Its timeline stays and both lead to each other. Sends incident_closed. Raises InvalidInput for the incident itself,
    WrongState when either is closed or `into` may be read by people who may not read this one, NotAllowed.
    """
    _take_turns(incident, into, by)
    locked, other = lock_to_end(incident, by, now=now, reason="a duplicate"), lock_incident(into)
    if other.status == IncidentStatus.CLOSED:
        raise WrongState(f"{other.reference} is closed; nothing is merged into it.")
    if not is_as_private(other, locked):
        raise WrongState(f"{other.reference} may be read by people who may not read {locked.reference}.")
    duplicate = {"relation": Relation.DUPLICATE}
    IncidentLink.objects.update_or_create(
        source=locked, target=other, defaults=duplicate, create_defaults={**duplicate, "at": now, "by": by.user}
    )
    called = other.reference if is_as_private(locked, other) else HIDDEN
    why = f"a duplicate of {called}"
    _send_people(locked, other, by=by, now=now)
    withdraw_promises(locked, now=now, kinds=tuple(PromiseKind), reason=why, also_done=True)
    tell_channel(locked, now=now, event="duplicate", body=f"Closed: {why}.")
    close_record(locked, by=by, now=now, closed_as=ClosedAs.DUPLICATE, reason=why, text="Closed")
    if locked.audience_id is None or locked.audience_id == other.audience_id:
        text = f"{locked.reference} was merged into this one"
        write_entry(other, by=by, now=now, text=text, kind=EntryKind.STATUS, facts={"merged": locked.reference})
    note_sign_of_life(other, by=by, now=now)
    announce_change(other, "status")
    return locked


def is_as_private(one: Incident, other: Incident) -> bool:
    """Whether everybody who may read `one` may read `other` as well."""
    if other.audience is None or one.audience_id == other.audience_id:
        return True
    if one.audience is None:
        return False
    outside = one.audience.entries.exclude(user__in=other.audience.entries.values("user"))
    return not outside.exists()


def _take_turns(incident: Incident, other: Incident, by: Actor) -> None:
    if incident.pk == other.pk:
        raise InvalidInput("That is this very incident.", field="other")
    if not can_see(by, other):
        raise NotAllowed("There is no such incident.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNS])


def _write_both(incident: Incident, other: Incident, *, by: Actor, now: datetime, here: str, there: str) -> None:
    """Each timeline names the other, where everybody who reads it may.

    By its reference alone, which says nothing: what is written stays when the other becomes private.
    """
    for one, another, words in ((incident, other, here), (other, incident, there)):
        if is_as_private(one, another):
            text = f"{words}{another.reference}"
            write_entry(one, by=by, now=now, text=text, kind=EntryKind.STATUS, facts={"linked": another.reference})
        announce_change(one, "status")


def _send_people(incident: Incident, other: Incident, *, by: Actor, now: datetime) -> None:
    """Whoever works on this one, or answered a page of it, is told where it goes on, if they may read that.

    The message is of the other: it names what may be private.
    """
    people = {*people_at_work(incident), *people_answered(incident.subject_key)}
    for person in sorted(people, key=lambda person: person.pk):
        if person.is_active and person != by.user and can_see(Actor(user=person), other):
            tell(
                other,
                person,
                now=now,
                kind=MessageKind.NOTICE,
                dedup_key=f"merged:{incident.reference}:{person.pk}:{incident.last_entry}",
                body=f"{incident.reference} is a duplicate; it goes on in {other.reference}.",
                event="merged",
            )
