"""Commands about people: roles, sub-teams, who is here, who is rung."""

from datetime import datetime

from accounts.actor import Actor
from core.errors import InvalidInput
from escalation.models import Policy
from incidents.actions.composer.words import find_person
from incidents.actions.handover import give_role
from incidents.actions.paging import page_people, page_policy
from incidents.actions.responder import join_incident
from incidents.actions.sub_team import set_sub_team
from incidents.models import Handover, Incident


def role(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`commander @ana`: give a role; without a name, take it."""
    words = rest.split()
    if len(words) not in {1, 2}:
        raise InvalidInput("Write /role, the role, and who holds it: /role commander @ana.", field="line")
    user = find_person(words[1]) if len(words) == 2 else by.user
    if user is None:
        raise InvalidInput("Say who holds the role: /role commander @ana.", field="line")
    given = give_role(incident, by=by, now=now, role=words[0], user=user)
    if isinstance(given, Handover):
        return f"Offered to {user}; it is theirs once they accept."
    return f"{user} is {given.name.lower()}."


def take(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`commander @ana`: take it from her."""
    words = rest.split()
    if len(words) != 2 or by.user is None:
        raise InvalidInput("Write /take, the role, and who has it now: /take commander @ana.", field="line")
    holder = find_person(words[1])
    given = give_role(incident, by=by, now=now, role=words[0], user=by.user, takes_from=holder)
    return f"You are {given.name.lower()}."


def join(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """The writer is here too."""
    if rest:
        raise InvalidInput("Write /join alone: it says that you are here too.", field="line")
    join_incident(incident, by=by, now=now)
    return "You are here too."


def team(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`database @jens @ana`: its lead first; nobody dissolves it."""
    words = rest.replace(",", " ").split()
    if not words:
        raise InvalidInput("Write /team, its name and its people, the lead first: /team database @jens.", field="line")
    people = [find_person(word) for word in words[1:]]
    team = set_sub_team(incident, by=by, now=now, name=words[0], people=people)
    return f"{team.lead} leads {team.name}." if team else f"{words[0]} is dissolved."


def page(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`@ana @jens`, or the slug of a policy."""
    words = rest.replace(",", " ").split()
    if len(words) == 1 and not words[0].startswith("@"):
        policy = Policy.objects.filter(slug=words[0]).first()
        if policy:
            page_policy(incident, by=by, now=now, policy=policy)
            return f"Ringing {policy}."
    page = page_people(incident, by=by, now=now, people=[find_person(word) for word in words])
    return f"Ringing {page.group}."
