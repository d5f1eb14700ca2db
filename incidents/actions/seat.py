"""The team of a level: its seats are filled by their rules, and never taken from anybody."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from accounts.actor import MUSTER, Actor
from accounts.models import User
from comms.actions.message import queue_new_messages
from comms.enums import MessageKind
from core.prepared import insert_all
from escalation.plan.snapshot import DEFAULT_WAIT
from incidents.actions.audience import admit_holder, admit_holders
from incidents.actions.message import telling
from incidents.actions.promise import pass_on_promises
from incidents.actions.role import assignment_of, make_commander, with_owed, words_for_holder
from incidents.actions.timeline import write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import CommanderRule, EntryKind, RoleKind, RoleSource
from incidents.models import Incident, Level, RoleAssignment
from incidents.queries.seats import Found, Opening, Seat, fill_of, on_call_by_slug, owner_of, seats_of
from incidents.states import OPEN


def fill_seats(
    incident: Incident, *, by: Actor, now: datetime, seats: Sequence[Seat] | None = None, only: str = ""
) -> list[RoleAssignment]:
    """Put whom the rules name into the empty seats of the level's team; the incident is locked.

    `seats` are fetched unless given; `only` names the source whose rules are to act, any unless given. One entry says
    who and why, what they owe from now on, and who was not found. Each person is told with their duties, but for whom
    `by` is.
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
    rows = insert_all(
        assignment_of(incident, seat.definition, one.person, by=by, now=now) for seat, one in found if one.person
    )
    owed = {row.role: pass_on_promises(incident, row, relieved=()) for row in rows}
    _say(incident, found, now=now, owed=owed)
    tell_holders(incident, rows, {seat.role: seat for seat in seats}, by=by, now=now)
    if rows:
        announce_change(incident, "band", "owed", "people")
    return rows


def _say(
    incident: Incident,
    found: Iterable[tuple[Seat, Found]],
    *,
    now: datetime,
    owed: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Who holds what and why, with what is `owed` by them from now on ({role: in words}), and who was not found."""
    filled = [
        with_owed(
            f"@{one.person.handle} is {seat.definition.name.lower()}, {one.why}", (owed or {}).get(seat.role, ())
        )
        for seat, one in found
        if one.person
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
        messages.append(said)
    queue_new_messages(messages, now=now)


# --- who commands, by the rule of the level ------------------------------------------------------------------------


def open_team(incident: Incident, *, by: Actor, now: datetime, opening: Opening) -> list[RoleAssignment]:
    """The commander by the level's rule, then the team, of an incident that is being declared: nobody holds one yet.

    What `name_commander` and `fill_seats` do one after the other, in one insert and with one question for whoever is
    on call. By rule they are let into what is private, whoever declared it. A rule that finds nobody says so. The
    backup of the level commands in time unless somebody does now.
    """
    commands, found = _named_at_first(incident, by=by, now=now, opening=opening)
    holders = [(seat, one.person) for seat, one in [*commands, *found] if one.person]
    admit_holders(incident, {person: seat.definition.name for seat, person in holders}, now=now)
    rows = insert_all(assignment_of(incident, seat.definition, person, by=by, now=now) for seat, person in holders)
    for seat, one in commands:
        _say_command(incident, seat, one, by=by, now=now)
    if (
        not incident.commander_wake_at
        and not any(one.person for _, one in commands)
        and backup_at(incident.level, now)
    ):
        start_backup_clock(incident, now=now)
    _say(incident, found, now=now)
    duties = {seat.role: seat for seat in opening.seats}
    tell_holders(incident, rows, {seat.role: duties.get(seat.role, seat) for seat, _ in holders}, by=by, now=now)
    if rows:
        announce_change(incident, "band", "owed", "people")
    return rows


Named = list[tuple[Seat, Found]]
"""Seats with whom their rules name."""


def _named_at_first(incident: Incident, *, by: Actor, now: datetime, opening: Opening) -> tuple[Named, Named]:
    """Who commands (nobody's rule: an empty list), and the other seats that rules fill."""
    level, service = incident.level, incident.service
    role = opening.commander
    sources = {
        CommanderRule.ON_CALL: (RoleSource.ON_CALL, level.commander_schedule),
        CommanderRule.SERVICE_OWNER: (RoleSource.SERVICE_OWNER, ""),
    }
    source, schedule = sources.get(CommanderRule(level.commander_rule), ("", ""))
    commands = list[Seat]()
    if source and role and (source == RoleSource.ON_CALL or service):
        commands.append(Seat(role=role.slug, source=source, schedule=schedule, duties="", definition=role))
    asked = [*commands, *opening.seats]
    named = fill_of(asked, service=service, now=now, rung_first=opening.service_schedule)
    first, others = named[: len(commands)], named[len(commands) :]
    if level.commander_rule == CommanderRule.DECLARER and by.user and role:
        declarer = Seat(role=role.slug, source=RoleSource.NOBODY, schedule="", duties="", definition=role)
        first = [(declarer, Found(by.user, "who declared it"))]
    taken = {seat.role for seat, one in first if one.person}
    return first, [(seat, one) for seat, one in others if seat.role not in taken]


def _say_command(incident: Incident, seat: Seat, one: Found, *, by: Actor, now: datetime) -> None:
    """Who commands and why, or why nobody does."""
    if one.person is None:
        _nobody_commands(incident, one, by=by, now=now)
        return
    facts = {"role": seat.role, "user": one.person.handle}
    text = f"@{one.person.handle} is {seat.definition.name.lower()}, {one.why}"
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.ROLE, facts=facts)


def name_commander(incident: Incident, *, by: Actor, now: datetime, left: User | None = None) -> None:
    """The level's rule, where it does not wait for an answer. A rule that finds nobody says so in the timeline.

    The incident is locked, or is being declared. Nobody is relieved, and who just `left` command is not named again.
    The rule that asks for the owner of a service waits until one is named.
    """
    level = incident.level
    if level.commander_rule == CommanderRule.DECLARER and by.user:
        make_commander(incident, by.user, by=by, now=now, why="who declared it")
    elif level.commander_rule == CommanderRule.ON_CALL:
        found = on_call_by_slug([level.commander_schedule], now)[level.commander_schedule]
        _command_or_say(incident, found, by=by, now=now, left=left)
    elif level.commander_rule == CommanderRule.SERVICE_OWNER and incident.service:
        _command_or_say(incident, owner_of(incident.service, now), by=by, now=now, left=left)


def _command_or_say(incident: Incident, found: Found, *, by: Actor, now: datetime, left: User | None) -> None:
    if left and found.person == left:
        found = Found(None, f"the rule names {left}, {found.why}, who has left it")
    if found.person:
        make_commander(incident, found.person, by=by, now=now, why=found.why)
        return
    if incident.role_assignments.filter(kind=RoleKind.COMMANDER, ended_at__isnull=True).exists():
        return
    _nobody_commands(incident, found, by=by, now=now)


def _nobody_commands(incident: Incident, found: Found, *, by: Actor, now: datetime) -> None:
    text = f"**Nobody commands yet:** {found.why}. Take command in the room."
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.ROLE)
    incident.commander_trouble = found.why[:200]
    incident.save(update_fields=["commander_trouble"])


def wait_for_command(level: Level) -> timedelta:
    """How long a commander is waited for: the time to acknowledge, five minutes where the level gives none."""
    target = level.acknowledge_target
    return target.duration if target and target.duration is not None else DEFAULT_WAIT


def backup_at(level: Level, now: datetime) -> datetime | None:
    """When the backup of `level` is called unless somebody commands by then, counted from `now`; None without one."""
    if not level.commander_backup or level.commander_rule == CommanderRule.NOBODY:
        return None
    return now + wait_for_command(level)


def start_backup_clock(incident: Incident, *, now: datetime) -> None:
    """Nobody commands, at a level that is new or since somebody left: the backup does in time. It is locked."""
    if incident.role_assignments.filter(kind=RoleKind.COMMANDER, ended_at__isnull=True).exists():
        return
    incident.commander_wake_at = backup_at(incident.level, now)
    incident.save(update_fields=["commander_wake_at"])
