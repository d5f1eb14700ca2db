"""Who may see an incident: made private, people let in with a reason, made public again.

Locks pages before the incident (lock_with_pages): who may see it is written on both, in one transaction.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.actions.audience import admit, admit_all
from accounts.actor import MUSTER, Actor
from accounts.models import Audience, User
from comms.actions.message import close_messages, open_messages, strip_messages
from comms.enums import MessageKind
from core.errors import InvalidInput, WrongState
from core.signals import announce
from escalation.actions.page import hide_pages
from escalation.queries.page import people_answered, people_rung
from incidents.actions.lock import lock_incident, lock_to_act, lock_with_pages
from incidents.actions.message import tell
from incidents.actions.promise_page import stop_rings
from incidents.actions.public_word import renew_public_promise
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_audience, announce_change
from incidents.enums import EntryKind, PromiseKind
from incidents.models import Incident, Promise
from incidents.permissions import check_can_enter, check_can_let_in
from incidents.queries.people import people_at_work
from incidents.signals import incident_audience_changed
from incidents.states import OPEN

# What is said to the outside: nobody owes it while the incident is private.
TO_OTHERS = (
    PromiseKind.FIRST_UPDATE,
    PromiseKind.STATUS_UPDATE,
    PromiseKind.PUBLIC_UPDATE,
    PromiseKind.EXECUTIVE_BRIEF,
)


@transaction.atomic
def make_private(incident: Incident, *, by: Actor, now: datetime, reason: str) -> Incident:
    """Only those who work on it, who declared, whom a page rang and who does it may see it from now on.

    What close_to_others does, by hand. A private one stays as it is. Raises InvalidInput without a reason, NotAllowed,
    WrongState for a closed incident.
    """
    locked = lock_with_pages(incident, by)
    if locked.audience_id is not None:
        return locked
    reason = _check_reason(reason, "Say why others must not see it.")
    close_to_others(locked, by=by, now=now, reason=reason)
    note_sign_of_life(locked, by=by, now=now)
    return locked


def close_to_others(incident: Incident, *, by: Actor, now: datetime, reason: str) -> None:
    """Give a locked incident, whose pages are locked too, an audience, in this transaction.

    Each of them is on record with the reason. Every unsent message to a channel, an address or somebody outside is
    frozen, the others lose their words where those show, pages are hidden from others, and watchers outside are cut
    off. What was written for others and never arrived is owed no more, and nobody is rung any more because the public
    waits. Sends incident_audience_changed.
    """
    audience = Audience.objects.create()
    incident.audience = audience
    incident.save(update_fields=["audience"])
    people = _who_is_in(incident, by)
    admit_all(audience, people, now=now)
    hide_pages(incident.subject_key, audience)
    frozen = close_messages(
        now=now, subject_key=incident.subject_key, audience=audience, reason=f"{incident.reference} became private."
    )
    _forget_unsent_words(incident, now=now)
    names = ", ".join(f"@{user.handle} ({why})" for user, why in people.items())
    held = f" {frozen} message{'s' if frozen != 1 else ''} that had not left will not leave." if frozen else ""
    text = f"**Private from now on:** {reason}. It is seen by {names or 'nobody yet'}.{held}"
    facts = {"private": True, "frozen": frozen, "people": [user.handle for user in people]}
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.AUDIENCE, facts=facts)
    _announce(incident, by=by, now=now)


def begin_private(incident: Incident, *, by: Actor, now: datetime, reason: str) -> None:
    """Say so of an incident that is being declared with an audience, before anybody is rung or told."""
    strip_messages(now=now, subject_key=incident.subject_key)
    if by.user and incident.audience:
        admit(incident.audience, by.user, by=MUSTER, now=now, reason="declared it")
    text = f"**Private from the beginning:** {reason}. Whoever is rung or holds a role may see it; no channel is told"
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.AUDIENCE, facts={"private": True})


def _who_is_in(incident: Incident, by: Actor) -> dict[User, str]:
    """Who may see it, and why, each once: whoever works on it now, was rung for it or answered, and who did this.

    Somebody whose part had ended before is not let in; whoever is in stays in when theirs ends later.
    """
    people = people_at_work(incident)
    if incident.declared_by:
        people.setdefault(incident.declared_by, "declared it")
    if by.user:
        people.setdefault(by.user, "made it private")
    for user in people_rung(incident.subject_key):
        people.setdefault(user, "was rung")
    for user in people_answered(incident.subject_key):
        people.setdefault(user, "answered a page")
    return people


def _forget_unsent_words(incident: Incident, *, now: datetime) -> None:
    """Nobody waits any more for words that were written and frozen, nor for any to the public."""
    rows = Promise.objects.open().filter(incident=incident, kind__in=TO_OTHERS)
    waiting = rows.filter(done_at__isnull=False) | rows.filter(kind=PromiseKind.PUBLIC_UPDATE)
    if waiting.update(withdrawn_at=now, withdrawn_reason="it became private", wake_at=None):
        stop_rings(incident, by=MUSTER, now=now)


@transaction.atomic
def let_in(incident: Incident, *, by: Actor, now: datetime, user: User, reason: str) -> Incident:
    """`user` may see a private incident from now on, with the reason on record; they are told.

    Whoever is in stays as they came. Raises NotAllowed unless `by` commands or is an admin who was let in, WrongState
    for an incident that is not private or is closed, InvalidInput without a reason or for a person who left.
    """
    locked = lock_to_act(incident, by)
    check_can_let_in(by, locked)
    if locked.audience is None:
        raise WrongState("It is not private: everybody who is signed in may see it.")
    if not user.is_active:
        raise InvalidInput(f"{user} is no longer here.", field="user")
    if locked.audience.entries.filter(user=user).exists():
        return locked
    admit(locked.audience, user, by=by, now=now, reason=reason)
    text = f"@{user.handle} was let in: {reason.strip()}"
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.AUDIENCE, facts={"let_in": user.handle})
    tell(
        locked,
        user,
        now=now,
        kind=MessageKind.NOTICE,
        dedup_key=f"let-in:{locked.reference}:{user.pk}",
        body=f"{by} let you into this private incident: {reason.strip()}",
    )
    note_sign_of_life(locked, by=by, now=now)
    announce_change(locked, "facts")
    return locked


def admit_holder(incident: Incident, user: User, *, by: Actor, now: datetime, role: str) -> None:
    """Whoever gets a role in a locked private incident is let in. Raises NotAllowed unless `by` may let in."""
    if incident.audience is None or incident.audience.entries.filter(user=user).exists():
        return
    if not by.is_muster:
        check_can_let_in(by, incident)
    admit(incident.audience, user, by=MUSTER, now=now, reason=role.lower())


def admit_holders(incident: Incident, people: Mapping[User, str], *, now: datetime) -> None:
    """{person: role}: whom rules put in roles of an incident that is being declared are let in, if it is private."""
    if incident.audience is not None:
        admit_all(incident.audience, {user: role.lower() for user, role in people.items()}, now=now)


@transaction.atomic
def enter_private(incident: Incident, *, by: Actor, now: datetime, reason: str) -> Incident:
    """An admin who was not let in comes in by themselves, with the reason on record and in the timeline.

    Works in a closed one too. Raises NotAllowed for everybody else, InvalidInput without a reason.
    """
    check_can_enter(by)
    locked = lock_incident(incident)
    if locked.audience is None or by.user is None or locked.audience.entries.filter(user=by.user).exists():
        return locked
    reason = _check_reason(reason, "Say why you need to see it; it stands in its timeline.")
    admit(locked.audience, by.user, by=by, now=now, reason=reason)
    text = f"@{by.user.handle} came in as an admin: {reason}"
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.AUDIENCE, facts={"let_in": by.user.handle})
    return locked


@transaction.atomic
def make_public(incident: Incident, *, by: Actor, now: datetime, reason: str) -> Incident:
    """Everybody who is signed in may see it again, with all that was said in it. Frozen messages stay frozen.

    While it goes on the public is owed again what its level owes it. Sends incident_audience_changed. Raises
    NotAllowed unless `by` commands or is an admin, WrongState for one that is not private or is closed, InvalidInput
    without a reason.
    """
    locked = lock_with_pages(incident, by)
    check_can_let_in(by, locked)
    if locked.audience_id is None:
        raise WrongState("It is not private: everybody who is signed in may see it.")
    reason = _check_reason(reason, "Say why everybody may see it now.")
    locked.audience = None
    locked.save(update_fields=["audience"])
    hide_pages(locked.subject_key, None)
    open_messages(subject_key=locked.subject_key)
    if locked.status in OPEN:
        renew_public_promise(locked, raised=False, now=now)
    text = f"**No longer private:** {reason}. Everybody who is signed in sees it"
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.AUDIENCE, facts={"private": False})
    note_sign_of_life(locked, by=by, now=now)
    _announce(locked, by=by, now=now)
    return locked


def _announce(incident: Incident, *, by: Actor, now: datetime) -> None:
    announce_audience(incident)
    announce_change(incident, "band", "owed", "people", "facts")
    announce(incident_audience_changed, Incident, incident=incident, by=by, now=now)


def _check_reason(reason: str, sentence: str) -> str:
    reason = " ".join(reason.split())[:200].rstrip(".")
    if not reason:
        raise InvalidInput(sentence, field="reason")
    return reason
