"""An offer of a role by its number, and the record from which its brief is made."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from accounts.models import User
from incidents.models import Handover, Incident, RoleAssignment, StatusUpdate, SubTeam, SubTeamMember
from incidents.owed import IncidentFacts
from incidents.queries.owed import facts_of, facts_query, open_pages, with_facts


@dataclass(frozen=True)
class Brief:
    """What the brief is made from: what is owed, who does what, and the last words for others."""

    facts: IncidentFacts
    roles: Sequence[RoleAssignment]
    teams: Sequence[SubTeam]
    last_update: StatusUpdate | None


def handover_of(user: User, reference: str, number: int) -> Handover:
    """The offer `number` of an incident that `user` may see. Raises Handover.DoesNotExist."""
    rows = Handover.objects.select_related("incident__level", "incident__service", "from_user", "to_user")
    return rows.filter(incident__in=Incident.objects.visible_to(user)).get(
        incident__reference=reference, number=number
    )


def brief_of(incident: Incident) -> Brief:
    """What a brief is made from, in six queries."""
    [fetched] = with_facts(facts_query(Incident.objects.filter(pk=incident.pk)))
    pages = open_pages(None, [fetched])
    here = SubTeamMember.objects.filter(left_at__isnull=True).select_related("user")
    members = Prefetch("members", queryset=here)
    return Brief(
        facts=facts_of(fetched, pages.get(fetched.subject_key, [])),
        roles=fetched.held,  # type: ignore[attr-defined]
        teams=list(incident.sub_teams.filter(ended_at__isnull=True).select_related("lead").prefetch_related(members)),
        last_update=incident.status_updates.said_inside().first(),
    )
