"""Ring people for an incident: the groups of its level, a policy or people by hand. What comes of it: page_record.

escalation does the ringing and knows no incident; everything that a page needs is written down for it here.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, WrongState
from escalation.actions import page as pages
from escalation.actions.page import Group
from escalation.models import Page, Policy
from escalation.queries.policy import LevelWants
from incidents.actions.lock import lock_to_act
from incidents.actions.submission import claim_submission
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, PagedPolicy
from incidents.models import Incident, LevelPage
from incidents.queries.paging import policies_of_groups
from incidents.states import OPEN

Roles = dict[str, list[int]]
"""{role: ids of who holds it}."""


def page_groups_of_level(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    by_machine: bool = False,
    roles: Roles | None = None,
    groups: Sequence[LevelPage] | None = None,
) -> list[Page]:
    """Ring every group that the level names, each with a page of its own. The incident is locked.

    `by_machine` says that no person declared: then, and only then, maintenance of the service may hold the pages.
    `roles` are those that people hold in it, and `groups` those of the level, where the caller knows them.

    A group whose policy does not exist is never silently left out: the timeline says who was not rung, and why.
    """
    asked = list[Group]()
    roles = roles_of(incident) if roles is None else roles
    groups = list(incident.level.pages.all()) if groups is None else groups
    found = policies_of_groups(groups, level=incident.level, service=incident.service)
    for group, (policy, why_not) in zip(groups, found, strict=True):
        if policy is None:
            text = f"**Nobody was rung for {group.group}:** {why_not}"
            write_entry(incident, by=by, now=now, text=text, kind=EntryKind.PAGE, facts={"not_rung": group.group})
            continue
        _say_default(incident, group, policy, by=by, now=now)
        asked.append(
            {
                "group": group.group,
                "policy": policy,
                "makes_commander": group.makes_commander,
                "answers_needed": group.answers_needed,
            }
        )
    return ring_groups(incident, asked, by=by, now=now, roles=roles, by_machine=by_machine)


def _say_default(incident: Incident, group: LevelPage, policy: Policy, *, by: Actor, now: datetime) -> None:
    """That the ladder's own policy is rung, where that of the service was to be."""
    service = incident.service
    if group.policy_from != PagedPolicy.SERVICE or (service and service.policy_id):
        return
    what = f"{service} has no policy of its own" if service else "No service was named"
    text = f"{what}: the default policy of the ladder, {policy}, is rung."
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.PAGE)


@transaction.atomic
def page_people(
    incident: Incident, *, by: Actor, now: datetime, people: Sequence[User], submission_key: UUID | None = None
) -> Page:
    """Ring `people` by hand, whoever answered before; the same `submission_key` again rings nobody.

    Raises InvalidInput for nobody, NotAllowed, WrongState.
    """
    locked = lock_to_act(incident, by)
    if before := _rung_before(locked, submission_key, by=by, now=now):
        return before
    if not people:
        raise InvalidInput("Say whom to page: a person like @ana, or an escalation policy.", field="people")
    asleep = [person for person in people if not person.is_active]
    if asleep:
        raise InvalidInput(f"{asleep[0]} is no longer here and cannot be paged.", field="people")
    check_still_rings(locked)
    note_sign_of_life(locked, by=by, now=now)
    return ring(locked, by=by, now=now, group=", ".join(str(person) for person in people)[:120], people=people)


@transaction.atomic
def page_policy(
    incident: Incident, *, by: Actor, now: datetime, policy: Policy, submission_key: UUID | None = None
) -> Page:
    """Ring a whole escalation policy by hand, whoever answered before; the same `submission_key` again rings nobody.

    Raises NotAllowed, WrongState.
    """
    locked = lock_to_act(incident, by)
    if before := _rung_before(locked, submission_key, by=by, now=now):
        return before
    check_still_rings(locked)
    note_sign_of_life(locked, by=by, now=now)
    return ring(locked, by=by, now=now, group=policy.name, policy=policy)


def _rung_before(incident: Incident, key: UUID | None, *, by: Actor, now: datetime) -> Page | None:
    """The newest page of a press that has been carried out already; None for a new press, which is claimed."""
    submission = claim_submission(key, by=by, now=now, incident=incident)
    if submission is None or not submission.was_here_before:
        return None
    return Page.objects.about(incident.subject_key).last()


def check_still_rings(incident: Incident) -> None:
    """Raise WrongState when it is over: a resolved incident rings nobody."""
    if incident.status not in OPEN:
        raise WrongState(f"{incident.reference} is {incident.get_status_display().lower()}; it rings nobody any more.")


def roles_of(incident: Incident) -> Roles:
    """Who holds which role now, as a page keeps it."""
    holders: Roles = {}
    for assignment in incident.role_assignments.filter(ended_at__isnull=True):
        holders.setdefault(assignment.role, []).append(assignment.user_id)
    return holders


def ring(incident: Incident, *, by: Actor, now: datetime, group: str, body: str = "", **whom: Any) -> Page:
    """`ring_groups` for one of them, `whom` being a policy or people."""
    asked: Group = {"group": group, **whom}  # type: ignore[typeddict-item]
    return ring_groups(incident, [asked], by=by, now=now, body=body)[0]


def ring_groups(
    incident: Incident,
    asked: Sequence[Group],
    *,
    by: Actor,
    now: datetime,
    roles: Roles | None = None,
    by_machine: bool = False,
    body: str = "",
) -> list[Page]:
    """Start pages that know all they must about this locked incident, without knowing what an incident is.

    `roles` are fetched unless given. Checks no right.
    """
    if not asked:
        return []
    target = incident.level.acknowledge_target
    within: timedelta | None = target.duration if target else None
    begun = pages.begin_pages(
        asked,
        by=by,
        now=now,
        wants=LevelWants(within, incident.level.silence, incident.level.rings_until_answered),
        by_machine=by_machine,
        body=body,
        subject_key=incident.subject_key,
        subject=incident.headline,
        link=incident.get_absolute_url(),
        level_name=incident.level.name,
        level_rank=incident.level.rank,
        service=incident.service,
        roles=roles_of(incident) if roles is None else roles,
        audience=incident.audience,
    )
    announce_change(incident, "band", "owed", "people")
    return begun


def ring_policies(
    incident: Incident, slugs: Sequence[str], *, by: Actor, now: datetime, why: str, body: str
) -> list[Page]:
    """Ring the escalation policies called `slugs`, a page for each that says `why`. The incident is locked.

    One that does not exist is never silently left out: the timeline says so. Checks no right.
    """
    found = {policy.slug: policy for policy in Policy.objects.filter(slug__in=slugs)} if slugs else {}
    roles = roles_of(incident) if found else {}
    for slug in (slug for slug in slugs if slug not in found):
        text = f"**Nobody was rung for {slug}:** there is no escalation policy called so. Page somebody by hand."
        write_entry(incident, by=by, now=now, text=text, kind=EntryKind.PAGE, facts={"not_rung": slug})
    policies = [found[slug] for slug in slugs if slug in found]
    asked: list[Group] = [{"group": f"{policy}: {why}"[:120], "policy": policy} for policy in policies]
    return ring_groups(incident, asked, by=by, now=now, roles=roles, body=body)
