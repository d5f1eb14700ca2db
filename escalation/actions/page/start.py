"""Begin a page, and let one that waited ring."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict, Unpack

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Audience, User
from core.errors import InvalidInput
from core.prepared import insert_all
from escalation.actions.holding import note_hold, note_release
from escalation.actions.ringing import become, locked, take_steps, take_steps_of
from escalation.enums import AttemptOutcome, PageStatus
from escalation.links import LASTS
from escalation.models import Page, PageRecurrence, Policy, Service
from escalation.plan import PolicySnapshot
from escalation.queries.incoming import free_refs
from escalation.queries.maintenance import held_until
from escalation.queries.policy import LevelWants, snapshot_of_people, snapshots_of


class About(TypedDict):
    """What a page must know of its subject, written down by the caller; kept as it is."""

    subject_key: str
    subject: str
    link: str
    level_name: str
    level_rank: int
    body: NotRequired[str]
    service: NotRequired[Service | None]
    roles: NotRequired[dict[str, list[int]]]
    audience: NotRequired[Audience | None]


class Group(TypedDict):
    """Whom one page rings, exactly one of a policy and people by hand, and what of its own it wants."""

    group: str
    policy: NotRequired[Policy | None]
    people: NotRequired[Sequence[User]]
    makes_commander: NotRequired[bool]
    answers_needed: NotRequired[int]


def begin_page(
    *,
    by: Actor,
    now: datetime,
    group: str,
    policy: Policy | None = None,
    people: Sequence[User] = (),
    makes_commander: bool = False,
    answers_needed: int = 1,
    acknowledge_within: timedelta | None = None,
    silent_after: timedelta | None = None,
    rings_until_answered: bool = False,
    by_machine: bool = False,
    **about: Unpack[About],
) -> Page:
    """`begin_pages` for one group."""
    asked: Group = {
        "group": group,
        "policy": policy,
        "people": people,
        "makes_commander": makes_commander,
        "answers_needed": answers_needed,
    }
    wants = LevelWants(acknowledge_within, silent_after, rings_until_answered)
    return begin_pages([asked], by=by, now=now, wants=wants, by_machine=by_machine, **about)[0]


def begin_pages(
    asked: Sequence[Group],
    *,
    by: Actor,
    now: datetime,
    wants: LevelWants,
    by_machine: bool = False,
    **about: Unpack[About],
) -> list[Page]:
    """Begin a page for each of `asked`, of its policy or of people by hand, and ring its first step in the caller's
    transaction; a fixed number of statements, however many.

    Keeps the policy as it is now, completed by what its level `wants`: how long a step waits, after which silence of
    whoever answered it rings anew (None: never), whether it begins from the top until somebody answers. Writes the
    page, an attempt for every target and the messages; announces page_rang for each step, and page_exhausted when
    nobody at all could be rung: a page is never silently nothing. Guards nothing: the caller knows who may. Raises
    InvalidInput unless exactly one of policy and people is given.

    `by_machine` says that no person is behind it: an alert, and nobody who declared. While `service` is in maintenance
    such a page rings nobody, announces page_held, and begins at the top when that is over. A person's page is never
    held, by whichever way they came: a token acts for its owner.
    """
    if not asked:
        return []
    until = held_until(about.get("service"), began_at=now, now=now) if by_machine else None
    about["subject"] = about["subject"][:200]
    pages = _new_pages(asked, wants, until, by=by, now=now, by_machine=by_machine, about=about)
    if until is None:
        take_steps_of(pages, now=now, is_new=True)
        return pages
    for page in insert_all(pages):
        note_hold(page, until=until, now=now)
    return pages


def _new_pages(
    asked: Sequence[Group],
    wants: LevelWants,
    until: datetime | None,
    *,
    by: Actor,
    now: datetime,
    by_machine: bool,
    about: About,
) -> list[Page]:
    """A page for each, not written yet; held where there is an `until`."""
    refs = free_refs(now - LASTS, len(asked))
    return [
        Page(
            ref=ref,
            group=one["group"][:120],
            policy=one.get("policy"),
            makes_commander=one.get("makes_commander", False),
            answers_needed=snapshot.answers_needed,
            snapshot=snapshot.to_json(),
            status=PageStatus.HELD if until else PageStatus.RINGING,
            wake_at=until or now,
            by_machine=by_machine,
            held_until=until,
            started_at=now,
            started_by=by.user,
            **about,
        )
        for one, snapshot, ref in zip(asked, _snapshots(asked, wants), refs, strict=True)
    ]


start_page = transaction.atomic(begin_page)
"""begin_page in a transaction, or a savepoint, of its own: for whoever has written nothing else that belongs to it."""


@transaction.atomic
def release_page(page: Page, *, by: Actor, now: datetime) -> Page:
    """Maintenance no longer holds `page`: it rings its first step now. One that is not held is left as it is.

    Announces page_rang. Guards nothing: the sweep calls it when the window has run out, and whoever may end a window.
    Raises WrongState when the page was stopped.
    """
    page = locked(page)
    if page.status != PageStatus.HELD:
        return page
    become(page, PageStatus.RINGING)
    page.wake_at = now
    page.save(update_fields=["status", "wake_at"])
    note_release([page], now=now)
    return take_steps(page, now=now)


@transaction.atomic
def note_recurrence(subject_key: str, *, now: datetime) -> int:
    """What the unanswered pages of `subject_key` are about came up once more; in how many of them that counts.

    Begins nothing anew. It is written down where a step of the page counts such moments; one that waits for enough of
    them is rung now, in this transaction. Guards nothing: a machine says it.
    """
    rows = Page.objects.select_for_update().unanswered().filter(subject_key=subject_key, stopped_at__isnull=True)
    counting = [page for page in rows.order_by("pk") if PolicySnapshot.from_json(page.snapshot).counts]
    PageRecurrence.objects.bulk_create(PageRecurrence(page=page, at=now) for page in counting)
    for page in counting:
        place = {"round": page.round, "run": page.run, "step": page.step}
        if page.attempts.filter(outcome=AttemptOutcome.WAITS, **place).exists():
            page.wake_at = now
            take_steps(page, now=now)
    return len(counting)


def _snapshots(asked: Sequence[Group], wants: LevelWants) -> list[PolicySnapshot]:
    """What each page keeps of whom it rings."""
    each = [replace(wants, answers_needed=one.get("answers_needed", 1)) for one in asked]
    if any(bool(one.get("policy")) == bool(one.get("people")) for one in asked):
        raise InvalidInput("A page rings either an escalation policy or people by name.")
    policies = [(policy, mine) for one, mine in zip(asked, each, strict=True) if (policy := one.get("policy"))]
    of_policies = iter(snapshots_of(policies))
    return [
        snapshot_of_people(people, mine) if (people := one.get("people")) else next(of_policies)
        for one, mine in zip(asked, each, strict=True)
    ]
