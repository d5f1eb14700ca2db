"""Who works on an incident at this moment, by its record, and who is left to command it."""

from accounts.actor import Actor
from accounts.models import User
from incidents.enums import PromiseKind, TaskStatus
from incidents.models import Handover, Incident, SubTeamMember


def people_at_work(incident: Incident) -> dict[User, str]:
    """{person: why}, each once, by the first reason that holds; in seven queries.

    Whoever holds a role or is offered one, joined, leads a sub-team or works in it, has a task to do, or owes
    something in person, like the postmortem or an action item. What ended counts no more: a role that was given up, a
    sub-team that was dissolved, a task that is done.
    """
    held = incident.role_assignments.filter(ended_at__isnull=True).select_related("user")
    offered = Handover.objects.waiting().filter(incident=incident).select_related("to_user")
    here = incident.responders.filter(left_at__isnull=True).select_related("user")
    teams = incident.sub_teams.filter(ended_at__isnull=True).select_related("lead")
    members = SubTeamMember.objects.filter(team__in=teams, left_at__isnull=True).select_related("user", "team")
    tasks = incident.tasks.filter(status=TaskStatus.OPEN).select_related("owner")
    owed = incident.promises.undone().filter(owner__isnull=False).select_related("owner")
    reasons = [
        *((row.user, row.name.lower()) for row in held),
        *((row.to_user, f"is offered the role {row.name.lower()}") for row in offered),
        *((row.user, "joined") for row in here),
        *((row.lead, f"leads {row.name}") for row in teams),
        *((row.user, f"works in {row.team.name}") for row in members),
        *((row.owner, f"has task {row.number}") for row in tasks),
        *((row.owner, f"owes: {PromiseKind(row.kind).label.lower()}") for row in owed if row.owner),
    ]
    people: dict[User, str] = {}
    for person, why in reasons:
        people.setdefault(person, why)
    return people


def who_could_command(incident: Incident, *, but: User | None) -> list[User]:
    """Whoever is in it, in the order of `people_at_work`, then who declared it; not `but`, who only reads, who left.

    In a private incident whoever was let in. At most nine queries.
    """
    people = dict.fromkeys(people_at_work(incident))
    people |= {incident.declared_by: None} if incident.declared_by else {}
    if incident.audience:
        let_in = list(incident.audience.members.order_by("audience_entries__pk"))
        people = dict.fromkeys([*(person for person in people if person in let_in), *let_in])
    return [person for person in people if person != but and person.is_active and Actor(user=person).may_respond]
