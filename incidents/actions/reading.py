"""What readers keep: pins for everybody, how far each has read, hints that one sent away."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed
from incidents.actions.lock import lock_to_act
from incidents.actions.watchers import announce_change
from incidents.models import Incident, LastLook, Pin, SentAway
from incidents.permissions import can_see

MOST_PINS = 10
LONGEST_KEY = 40


@transaction.atomic
def pin_entry(incident: Incident, *, by: Actor, now: datetime, number: int) -> Pin:
    """Put entry `number` on top of the timeline, for everybody. Pinned already, nothing changes.

    The pin is its own record of who and when; the timeline does not repeat it. Raises InvalidInput for an entry that
    is not there or an eleventh pin, NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    entry = locked.entries.filter(number=number).first()
    if entry is None or by.user is None:
        raise InvalidInput(f"There is no entry {number} here.")
    standing = Pin.objects.filter(entry__incident=locked, taken_down_at__isnull=True)
    there = standing.filter(entry=entry).first()
    if there is not None:
        return there
    if standing.count() >= MOST_PINS:
        raise InvalidInput(f"{MOST_PINS} entries are pinned already; take one down first.")
    pin = Pin.objects.create(entry=entry, pinned_at=now, pinned_by=by.user)
    announce_change(locked, "pins")
    return pin


@transaction.atomic
def unpin_entry(incident: Incident, *, by: Actor, now: datetime, number: int) -> bool:
    """Take the pin of entry `number` down; whether one stood there. Raises NotAllowed, WrongState."""
    locked = lock_to_act(incident, by)
    standing = Pin.objects.filter(entry__incident=locked, entry__number=number, taken_down_at__isnull=True)
    taken = standing.update(taken_down_at=now, taken_down_by=by.user)
    if taken:
        announce_change(locked, "pins")
    return bool(taken)


@transaction.atomic
def note_look(incident: Incident, *, by: Actor, now: datetime, number: int) -> None:
    """`by` has seen the entries up to `number`; never fewer than before. Tells nobody. Raises NotAllowed."""
    _check_reader(incident, by)
    newest = Incident.objects.values_list("last_entry", flat=True).get(pk=incident.pk)
    number = min(number, newest)
    look, new = LastLook.objects.select_for_update().get_or_create(
        incident=incident,
        user=by.user,
        defaults={"number": number, "at": now},
    )
    if not new and look.at <= now:
        look.number, look.at = max(look.number, number), now
        look.save(update_fields=["number", "at"])


@transaction.atomic
def send_hint_away(incident: Incident, *, by: Actor, now: datetime, hint: str) -> None:
    """`by` does not want to read this hint again in this incident. Tells nobody. Raises NotAllowed, InvalidInput."""
    _check_reader(incident, by)
    if not hint or len(hint) > LONGEST_KEY:
        raise InvalidInput("There is no such hint.")
    SentAway.objects.get_or_create(incident=incident, user=by.user, hint=hint, defaults={"at": now})


def _check_reader(incident: Incident, by: Actor) -> None:
    if by.user is None or not can_see(by, incident):
        raise NotAllowed("Only somebody who reads here keeps how far they have read.")
