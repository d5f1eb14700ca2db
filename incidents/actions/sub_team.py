"""Sub-teams: some people work on one thing, under a lead of their own."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from comms.enums import MessageKind
from core.errors import InvalidInput
from incidents.actions.lock import lock_to_act
from incidents.actions.message import tell
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind
from incidents.models import Incident, SubTeam, SubTeamMember
from incidents.permissions import check_may_be_told

NAME = re.compile(r"[^\W_][\w .-]{0,39}\Z")


@transaction.atomic
def set_sub_team(incident: Incident, *, by: Actor, now: datetime, name: str, people: Sequence[User]) -> SubTeam | None:
    """`people` work on `name`, the first of them leads; whoever was in it and is not named no longer is.

    Nobody at all dissolves it, and returns None. Whoever comes in, goes out or leads from now on is told, but for
    `by`. The same people again change nothing. Raises InvalidInput for a name that is none, somebody who left or may
    not see the incident, or dissolving what is not there; NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    name = " ".join(name.split())
    if not NAME.match(name):
        raise InvalidInput("Name the sub-team in a word or two, at most 40 characters: database.", field="name")
    for person in people:
        check_may_be_told(person, locked, field="people")
    team = locked.sub_teams.filter(name__iexact=name, ended_at__isnull=True).first()
    note_sign_of_life(locked, by=by, now=now)
    if not people:
        _dissolve(locked, team, name, by=by, now=now)
        return None
    return _fill(locked, team, name, list(dict.fromkeys(people)), by=by, now=now)


def _fill(
    incident: Incident, team: SubTeam | None, name: str, people: Sequence[User], *, by: Actor, now: datetime
) -> SubTeam:
    before = _people_of(team) if team else []
    led_by = team.lead if team else None
    if team and led_by == people[0] and set(before) == set(people):
        return team
    if team is None:
        team = SubTeam.objects.create(incident=incident, name=name, lead=people[0], made_at=now)
    elif led_by != people[0]:
        team.lead = people[0]
        team.save(update_fields=["lead"])
    team.members.filter(left_at__isnull=True).exclude(user__in=people).update(left_at=now)
    new = [person for person in people if person not in before]
    SubTeamMember.objects.bulk_create(SubTeamMember(team=team, user=person, joined_at=now) for person in new)
    _record(incident, f"Sub-team {team.name}: {_leads(people)}", by=by, now=now)
    called = [person for person in people if person in new or (person == people[0] and led_by != person)]
    words = f"{by} counts on you in the sub-team {team.name}: {_leads(people)}."
    _tell(incident, team, called, words, by=by, now=now)
    gone = [person for person in before if person not in people]
    _tell(incident, team, gone, f"You are no longer in the sub-team {team.name}.", by=by, now=now)
    return team


def _dissolve(incident: Incident, team: SubTeam | None, name: str, *, by: Actor, now: datetime) -> None:
    if team is None:
        raise InvalidInput(f"There is no sub-team {name}; name its people, the lead first.", field="people")
    team.ended_at = now
    team.save(update_fields=["ended_at"])
    _record(incident, f"Sub-team {team.name} is dissolved", by=by, now=now)
    _tell(incident, team, _people_of(team), f"The sub-team {team.name} is dissolved.", by=by, now=now)


def _people_of(team: SubTeam) -> list[User]:
    return [row.user for row in team.members.filter(left_at__isnull=True).select_related("user")]


def _leads(people: Sequence[User]) -> str:
    """`@jens leads, with @ana, @mira`."""
    others = ", ".join(f"@{person.handle}" for person in people[1:])
    return f"@{people[0].handle} leads" + (f", with {others}" if others else "")


def _record(incident: Incident, text: str, *, by: Actor, now: datetime) -> None:
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.ROLE)
    announce_change(incident, "people")


def _tell(incident: Incident, team: SubTeam, people: Sequence[User], body: str, *, by: Actor, now: datetime) -> None:
    """Each of `people` but `by` hears `body`, once for the change that the newest entry tells of."""
    for person in people:
        if person != by.user:
            key = f"sub-team:{team.pk}:{incident.last_entry}:{person.pk}"
            tell(incident, person, now=now, kind=MessageKind.NOTICE, dedup_key=key, body=body, sub_team=team.name)
