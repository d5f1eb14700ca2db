"""The team of a level: its seats are filled by their rules, and never taken from anybody."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.actor import MUSTER, Actor
from comms.actions.message import queue_new_messages
from comms.enums import MessageKind
from comms.queries.reach import points_of
from escalation.plan.snapshot import DEFAULT_WAIT
from incidents.actions.audience import admit_holder
from incidents.actions.message import telling
from incidents.actions.role import assignment_of, make_commander, words_for_holder
from incidents.actions.timeline import write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import CommanderRule, EntryKind, RoleKind, RoleSource
from incidents.models import Incident, Level, RoleAssignment
from incidents.queries.seats import Found, Seat, fill_of, on_call_by_slug, owner_of, seats_of
from incidents.states import OPEN


def fill_seats(
    incident: Incident, *, by: Actor, now: datetime, seats: Sequence[Seat] | None = None, only: str = ""
) -> list[RoleAssignment]:
    """Put whom the rules name into the empty seats of the level's team; the incident is locked.

    `seats` are fetched unless given; `only` names the source whose rules are to act, any unless given. In four
    statements beside those of the rules, however many seats: one entry says who and why, and who was not found. Each
    person is told with their duties, but for whom `by` is.
    """
    seats = seats_of(incident.level) if seats is None else seats
    ruled = [seat for seat in seats if seat.source != RoleSource.NOBODY and (not only or seat.source == only)]
    if not ruled or incident.status not in OPEN:
        return []
    taken = set(incident.role_assignments.filter(ended_at__isnull=True).values_list("role", flat=True))
    found = fill_of([seat for seat in ruled if seat.role not in taken], service=incident.service, now=now)
    for seat, one in found:
        if one.person:
            admit_holder(incident, one.person, by=MUSTER, now=now, role=seat.definition.name)
    rows = RoleAssignment.objects.bulk_create(
        assignment_of(incident, seat.definition, one.person, by=by, now=now) for seat, one in found if one.person
    )
    _say(incident, found, now=now)
    tell_holders(incident, rows, {seat.role: seat for seat in seats}, by=by, now=now)
    if rows:
        announce_change(incident, "band", "owed", "people")
    return rows


def _say(incident: Incident, found: Iterable[tuple[Seat, Found]], *, now: datetime) -> None:
    filled = [
        f"@{one.person.handle} is {seat.definition.name.lower()}, {one.why}" for seat, one in found if one.person
    ]
    empty = [f"nobody is {seat.definition.name.lower()} yet: {one.why}" for seat, one in found if not one.person]
    if not filled and not empty:
        return
    facts = {"roles": {seat.role: one.person.handle for seat, one in found if one.person}}
    text = "; ".join([*filled, *empty])
    write_entry(incident, by=MUSTER, now=now, text=text, kind=EntryKind.ROLE, facts=facts)


def tell_holders(
    incident: Incident, rows: Sequence[RoleAssignment], seats: dict[str, Seat], *, by: Actor, now: datetime
) -> None:
    """Say so to everybody who was put in a seat, in one statement; their contact points take two."""
    rows = [row for row in rows if row.user != by.user]
    if not rows:
        return
    points = points_of({row.user for row in rows})
    messages = []
    for row in rows:
        seat = seats[row.role]
        duties = [words for words in (seat.definition.duties, seat.duties) if words]
        said = telling(
            incident,
            dedup_key=f"role:{row.pk}",
            kind=MessageKind.NOTICE,
            to=row.user,
            body=words_for_holder(row, duties),
            facts={"role": row.role},
        )
        messages.append({**said, "points": points[row.user_id]})
    queue_new_messages(messages, now=now)


# --- who commands, by the rule of the level ------------------------------------------------------------------------


def name_commander(incident: Incident, *, by: Actor, now: datetime) -> None:
    """The level's rule, where it does not wait for an answer. A rule that finds nobody says so in the timeline.

    The incident is locked, or is being declared. Nobody is relieved. The rule that asks for the owner of a service
    waits until one is named.
    """
    level = incident.level
    if level.commander_rule == CommanderRule.DECLARER and by.user:
        make_commander(incident, by.user, by=by, now=now, why="who declared it")
    elif level.commander_rule == CommanderRule.ON_CALL:
        found = on_call_by_slug([level.commander_schedule], now)[level.commander_schedule]
        _command_or_say(incident, found, by=by, now=now)
    elif level.commander_rule == CommanderRule.SERVICE_OWNER and incident.service:
        _command_or_say(incident, owner_of(incident.service, now), by=by, now=now)


def _command_or_say(incident: Incident, found: Found, *, by: Actor, now: datetime) -> None:
    if found.person:
        make_commander(incident, found.person, by=by, now=now, why=found.why)
        return
    if incident.role_assignments.filter(kind=RoleKind.COMMANDER, ended_at__isnull=True).exists():
        return
    text = f"**Nobody commands yet:** {found.why}. Take command in the room."
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.ROLE)
    incident.commander_trouble = found.why[:200]
    incident.save(update_fields=["commander_trouble"])


def backup_at(level: Level, now: datetime) -> datetime | None:
    """When the backup of `level` commands unless somebody does by then; None for a level without one.

    Counted from `now`: the time to acknowledge, five minutes where the level gives none.
    """
    if not level.commander_backup or level.commander_rule == CommanderRule.NOBODY:
        return None
    target = level.acknowledge_target
    return now + (target.duration if target and target.duration is not None else DEFAULT_WAIT)


def start_backup_clock(incident: Incident, *, now: datetime) -> None:
    """A level that it did not have before: its backup commands in time when nobody does. The incident is locked."""
    if incident.role_assignments.filter(kind=RoleKind.COMMANDER, ended_at__isnull=True).exists():
        return
    incident.commander_wake_at = backup_at(incident.level, now)
    incident.save(update_fields=["commander_wake_at"])
