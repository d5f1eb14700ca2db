"""Put right what a note says: the original stays, struck through, and the correction names it."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict, InvalidInput
from core.moments import show_clock
from incidents.actions.composer import DATED, split_moment
from incidents.actions.lock import lock_to_act
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.enums import EntryKind
from incidents.models import Incident, TimelineEntry

CORRECTED = frozenset({EntryKind.NOTE, EntryKind.CORRECTION})


@transaction.atomic
def correct_entry(incident: Incident, *, by: Actor, now: datetime, number: int, line: str) -> TimelineEntry:
    """Write what entry `number` should have said; a time in front (`14:20 text`, `~14:20 text`) puts its moment right.

    The original stays and is shown struck through. Raises InvalidInput for an entry that Muster wrote, for one that is
    not there, for no words or the same ones; Conflict when somebody else corrected it first; NotAllowed, WrongState.
    """
    locked = lock_to_act(incident, by)
    entry = locked.entries.filter(number=number).first()
    if entry is None or entry.kind not in CORRECTED:
        raise InvalidInput("Only notes are corrected; what Muster wrote down stands.", field="line")
    newer = entry.corrections.select_related("author").order_by("-number").first()
    if newer is not None:
        at, who = show_clock(newer.recorded_at), f"@{newer.author.handle}" if newer.author else "Muster"
        raise Conflict(f"{who} corrected it at {at} while you were writing: “{newer.text[:200]}” Correct that one.")
    moment, text = split_moment(line.strip(), by=by, now=now)
    moment = moment or entry.happened_at
    is_about = line.lstrip().startswith("~") if DATED.match(line.strip()) else entry.is_about
    if (text.strip(), moment, is_about) == (entry.text, entry.happened_at, entry.is_about):
        raise InvalidInput("Nothing of it is different.", field="line")
    corrected = write_entry(
        locked,
        by=by,
        now=now,
        text=text,
        kind=EntryKind.CORRECTION,
        happened_at=moment,
        is_about=is_about,
        corrects=entry,
        facts={"corrects": entry.number},
    )
    note_sign_of_life(locked, by=by, now=now)
    return corrected
