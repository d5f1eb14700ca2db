"""Ring people for an incident: the groups of its level, a policy or people by hand; and write down what came of it.

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
from core.moments import show_near
from escalation.actions import page as pages
from escalation.actions.page import Group
from escalation.enums import AnswerKind, AttemptOutcome, PageStatus
from escalation.models import Page, PageAnswer, PageAttempt, Policy
from escalation.queries.policy import LevelWants
from incidents.actions.lock import lock_incident, lock_to_act
from incidents.actions.promise import break_answer_promise, keep_promise_about, withdraw_promises
from incidents.actions.role import make_commander_of_answer
from incidents.actions.submission import claim_submission
from incidents.actions.timeline import note_command_alive, note_sign_of_life, record, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, PagedPolicy, PromiseKind, RoleKind
from incidents.models import Incident, LevelPage
from incidents.owed import page_key
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


# --- what became of a page, said in the timeline: called by receivers ----------------------------------------------


def record_rings(incident: Incident, *, page: Page, attempts: Sequence[PageAttempt], now: datetime, by: Actor) -> None:
    """One entry for one step: who was rung, and who was not and why."""
    rung = [str(row.user or row.source) for row in attempts if row.outcome == AttemptOutcome.RUNG]
    others = [
        f"{attempt.user or attempt.source}: {attempt.get_outcome_display().lower()}"
        for attempt in attempts
        if attempt.outcome != AttemptOutcome.RUNG
    ]
    whom = ", ".join(rung)
    by_hand = whom == page.group  # Then the group is called like its people: they are named once.
    text = f"Rang {page.group}{'' if by_hand else f': {whom}'}" if rung else f"Nobody to ring for {page.group}"
    first = attempts[0]
    if first.run:
        text += f" (pass {first.run + 1})"
    if first.round:
        text += " (from the top again)"
    if others:
        text += f" · {'; '.join(others)}"
    record(incident, now=now, text=text, kind=EntryKind.PAGE, by=by, page=page.ref)
    announce_change(incident, "band", "owed", "people")


@transaction.atomic
def record_answer(incident: Incident, *, page: Page, answer: PageAnswer, by: Actor, now: datetime) -> None:
    """An answer enters the record, and may make a commander as the level's rule says."""
    locked = lock_incident(incident)
    took = int((answer.at - page.started_at).total_seconds())
    shown = f"{took} s" if took < 120 else f"{took // 60} min"
    if answer.kind == AnswerKind.DECLINED:
        text = f"@{answer.user.handle} answered {page.group}: cannot come (after {shown})"
    elif answer.arrives_at:
        minutes = round((answer.arrives_at - answer.at).total_seconds() / 60)
        text = f"@{answer.user.handle} answered {page.group}: there in {minutes} min (after {shown})"
    else:
        text = f"@{answer.user.handle} answered {page.group}: on it (after {shown})"
    facts = {"page": page.ref, "answer": answer.kind}
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.PAGE, facts=facts)
    locked.last_activity_at = now
    pages.note_sign_of_life(locked.subject_key, by=by, now=now)
    if answer.kind == AnswerKind.ACKNOWLEDGED:
        locked.acknowledged_at = locked.acknowledged_at or answer.at
        keep_promise_about(locked, PromiseKind.ANSWER, subject_key=page_key(page.ref), by=by, now=now)
        make_commander_of_answer(locked, page=page, answer=answer, now=now)
        note_command_alive(locked, by=by, now=now)
    else:
        held = locked.role_assignments.filter(user=answer.user, kind=RoleKind.COMMANDER, ended_at__isnull=True)
        held.update(wake_at=now)  # the sweep sees whether somebody who cannot come commands
    locked.save(update_fields=["acknowledged_at", "last_activity_at"])
    announce_change(locked, "band", "owed", "people")


def record_held(incident: Incident, *, page: Page, by: Actor, now: datetime) -> None:
    """Maintenance of the service makes a machine's page wait, and until when."""
    until = show_near(page.wake_at, now) if page.wake_at else "it is over"
    goes_on = "then it is rung" if page.status == PageStatus.HELD else "then the next step is rung"
    text = f"{page.group} is held by maintenance of {page.service or 'the service'} until {until}; {goes_on}"
    record(incident, now=now, text=text, kind=EntryKind.PAGE, by=by, page=page.ref, event="held")
    announce_change(incident, "band", "owed", "people")


def record_nudged(incident: Incident, *, page: Page, people: Sequence[User], by: Actor, now: datetime) -> None:
    """Whoever has it was asked whether they are still there."""
    names = ", ".join(str(user) for user in people)
    answered = set(page.answers.filter(lapsed_at__isnull=True).values_list("user", flat=True))
    has_it = "answered" if answered.issuperset(user.pk for user in people) else "commands since somebody else answered"
    until = f"; without one it rings anew at {show_near(page.wake_at, now)}" if page.wake_at else ""
    text = f"Asked {names}, who {has_it} {page.group}, for a sign of life{until}"
    record(incident, now=now, text=text, kind=EntryKind.PAGE, by=by, page=page.ref, event="nudged")
    announce_change(incident, "band", "owed", "people")


def record_lapsed(incident: Incident, *, page: Page, answers: Sequence[PageAnswer], by: Actor, now: datetime) -> None:
    """The answers count no more: nobody has acted since, and it rings from the top."""
    names = ", ".join(f"@{answer.user.handle}" for answer in answers)
    text = f"**{names} answered {page.group} and nothing was heard since:** it rings again from the top"
    record(incident, now=now, text=text, kind=EntryKind.PAGE, by=by, page=page.ref, event="lapsed")
    announce_change(incident, "band", "owed", "people")


@transaction.atomic
def record_exhausted(incident: Incident, *, page: Page, by: Actor, now: datetime) -> None:
    """Every pass is over and nobody has answered: said so, and a broken promise, red until somebody does."""
    locked = lock_incident(incident)
    text = f"**Nobody has answered {page.group}.** Every step was rung."
    if page.wake_at:
        text += f" It begins from the top at {show_near(page.wake_at, now)}, until somebody answers."
    facts = {"page": page.ref, "event": "exhausted"}
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.PAGE, facts=facts)
    subject, link = f"Answer the page of {page.group}", page.get_absolute_url()
    break_answer_promise(locked, subject_key=page_key(page.ref), subject=subject, link=link, now=now)
    announce_change(incident, "band", "owed", "people")


def record_stopped(incident: Incident, *, page: Page, by: Actor, reason: str, now: datetime) -> None:
    """A page that still rang was stopped, and why: nobody owes it an answer any more."""
    text = f"Stopped ringing {page.group}: {reason}"
    record(incident, now=now, text=text, kind=EntryKind.PAGE, by=by, page=page.ref)
    withdraw_promises(incident, now=now, kinds=(PromiseKind.ANSWER,), reason=reason, subject_key=page_key(page.ref))
    announce_change(incident, "band", "owed", "people")
