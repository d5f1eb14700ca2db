"""The sweep over command: a backup when nobody commands in time or whoever does is silent, and who has done so long.

What it does is a moment of a row: Incident.commander_wake_at, and wake_at of the assignment that commands.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from accounts.actor import MUSTER
from comms.actions.engine import record_tick
from comms.enums import MessageKind
from core.moments import show_duration, show_near
from escalation.actions.page import stop_pages
from escalation.models import Page
from escalation.queries.oncall import on_call_board
from incidents.actions.message import tell
from incidents.actions.paging import page_groups_of_level
from incidents.actions.relief import relief_of, ring_relief, see_silence
from incidents.actions.role import BACKUP
from incidents.actions.seat import wait_for_command
from incidents.actions.timeline import write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import CommanderRule, EntryKind, RoleKind
from incidents.models import Incident, RoleAssignment
from incidents.owed import BEFORE_SHIFT_END, LONG_COMMAND
from incidents.states import OPEN

SWEEP = "incidents.sweep_command"
BATCH = 100
LOOK_AGAIN = timedelta(hours=1)  # shifts change hands meanwhile
logger = logging.getLogger(__name__)


def sweep_command(*, now: datetime) -> int:
    """Do what is due about who commands; how many rows moved. A row that fails is tried again at the next tick."""
    incidents = Incident.objects.filter(commander_wake_at__lte=now).order_by("commander_wake_at")
    held = RoleAssignment.objects.filter(wake_at__lte=now, ended_at__isnull=True).order_by("wake_at")
    moved = _each(incidents.values_list("pk", flat=True)[:BATCH], fill_command, now=now)
    moved += _each(held.values_list("pk", flat=True)[:BATCH], look_at_command, now=now)
    record_tick(SWEEP, now=now)
    return moved


def _each(pks: object, act: Callable[..., bool], *, now: datetime) -> int:
    moved = 0
    for pk in pks:  # type: ignore[attr-defined]
        try:
            moved += act(pk, now=now)
        except Exception:  # one row must never stop the others: it stays due and its trace is kept
            logger.exception("%s of %s failed; the next tick tries again.", act.__name__, pk)
    return moved


def _locked(pk: int) -> Incident | None:
    rows = Incident.objects.select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("level__version__ladder", "service").filter(pk=pk).first()


@transaction.atomic
def fill_command(pk: int, *, now: datetime) -> bool:
    """Nobody commands in time: whoever is on call in the level's backup schedule is rung, and does once they answer.

    Where nobody is on call there the groups of the level are rung. The timeline says so; nobody at all is said too,
    and stays owed, red. A level without a backup whose commander is the first to answer rings for an answer again.
    Returns False when somebody else has the row.
    """
    incident = _locked(pk)
    if incident is None or incident.commander_wake_at is None or incident.commander_wake_at > now:
        return False
    incident.commander_wake_at = None
    incident.save(update_fields=["commander_wake_at"])
    commanded = incident.role_assignments.filter(kind=RoleKind.COMMANDER, ended_at__isnull=True).exists()
    if not commanded and incident.status in OPEN:
        if incident.level.commander_backup:
            _call_backup(incident, now=now)
        elif incident.level.commander_rule == CommanderRule.FIRST_ANSWER:
            _ring_for_answer(incident, now=now)
    announce_change(incident, "band", "owed", "people")
    return True


def _call_backup(incident: Incident, *, now: datetime) -> None:
    waited = show_duration(wait_for_command(incident.level))
    relief = relief_of(incident, now=now)
    incident.commander_trouble = f"nobody did within {waited}: {relief.what}"[:200]
    incident.save(update_fields=["commander_trouble"])
    text = f"**Nobody commanded within {waited}:** {relief.what}"
    write_entry(incident, by=MUSTER, now=now, text=text, kind=EntryKind.ROLE)
    ring_relief(incident, relief, now=now, body=f"Nobody commanded within {waited}.")


def _ring_for_answer(incident: Incident, *, now: datetime) -> None:
    """Ring again the groups whose first answer makes a commander; where one rings already, that is enough."""
    rings = Page.objects.unanswered().filter(subject_key=incident.subject_key, makes_commander=True)
    if rings.exists():
        return
    waited = show_duration(wait_for_command(incident.level))
    text = f"**Nobody has commanded for {waited}:** whoever is rung now and answers first does"
    write_entry(incident, by=MUSTER, now=now, text=text, kind=EntryKind.ROLE)
    groups = list(incident.level.pages.filter(makes_commander=True))
    page_groups_of_level(incident, by=MUSTER, now=now, groups=groups)


@transaction.atomic
def look_at_command(pk: int, *, now: datetime) -> bool:
    """See when the shift of whoever commands ends, and ask them once to hand over when it is time; see whether they
    are silent.

    Twenty minutes before the end of their shift, or after four hours of command, whichever comes first. Looks again
    each hour, because shifts change hands. A backup that is rung while they are there is no longer. Returns False when
    somebody else has the row.
    """
    due = RoleAssignment.objects.filter(pk=pk, ended_at__isnull=True, wake_at__lte=now)
    held = due.select_related("user", "incident").first()
    if held and held.absent_at is None:  # pages are locked before their incident
        key, reason = held.incident.subject_key, f"{held.user} commands"
        stop_pages(key, by=MUSTER, now=now, reason=reason, group=BACKUP)
    incident = _locked(held.incident_id) if held else None
    held = due.select_related("user").first()
    if incident is None or held is None:
        return False
    if incident.status not in OPEN:
        held.wake_at = None
        held.save(update_fields=["wake_at"])
        return True
    held.shift_ends_at = _shift_end(held, now)
    reason = _reason(held, now)
    if reason and held.prompted_at is None:
        held.prompted_at = now
        _ask(incident, held, reason, now=now)
    silent_at = see_silence(incident, held, now=now)
    moments = [held.began_at + LONG_COMMAND, now + LOOK_AGAIN, *([silent_at] if silent_at else [])]
    moments += [held.shift_ends_at - BEFORE_SHIFT_END] if held.shift_ends_at else []
    held.wake_at = min(moment for moment in moments if moment > now)
    held.save(update_fields=["shift_ends_at", "prompted_at", "asked_at", "absent_at", "wake_at"])
    announce_change(incident, "owed")
    return True


def _shift_end(held: RoleAssignment, now: datetime) -> datetime | None:
    """When the last of their shifts that is on now ends; once it is over it stays what it was."""
    ends = [row.until for row in on_call_board(now) if held.user in row.users]
    if not ends:
        return held.shift_ends_at
    return None if None in ends else max(end for end in ends if end)


def _reason(held: RoleAssignment, now: datetime) -> str:
    if held.shift_ends_at and held.shift_ends_at - BEFORE_SHIFT_END <= now:
        return f"the shift of {held.user} ends at {show_near(held.shift_ends_at, now)}"
    if held.began_at + LONG_COMMAND <= now:
        return f"{held.user} has commanded for {show_duration(LONG_COMMAND)}"
    return ""


def _ask(incident: Incident, held: RoleAssignment, reason: str, *, now: datetime) -> None:
    tell(
        incident,
        held.user,
        now=now,
        kind=MessageKind.NUDGE,
        dedup_key=f"hand-over:{held.pk}",
        body=f"Hand over command: {reason}. In the room, press Hand over and name somebody; they get a brief.",
        role=held.role,
    )
    text = f"Asked {held.user} to hand over command: {reason}"
    write_entry(incident, by=MUSTER, now=now, text=text, kind=EntryKind.ROLE)
