"""Postmortems: opened, published, withdrawn, reopened. Sections, reviews, action items: modules of their own."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.actions.audience import admit_all
from accounts.actor import MUSTER, Actor
from accounts.models import Audience, User
from core.errors import WrongState
from incidents.actions.lock import lock_incident
from incidents.actions.promise import keep_promise, make_promise, withdraw_promises
from incidents.actions.timeline import record
from incidents.actions.watchers import announce_change
from incidents.enums import NOT_OF_ITS_OWN, EntryKind, PromiseKind, PromiseStage, RoleKind
from incidents.models import Duty, Incident, Promise, RoleAssignment
from incidents.permissions import check_can_respond
from postmortems.actions.action_item import take_in_promise
from postmortems.actions.lock import lock_postmortem
from postmortems.actions.section import freeze_section
from postmortems.enums import DERIVED, PostmortemStatus, SectionKey
from postmortems.export.record import read_head
from postmortems.models import Postmortem, Section
from postmortems.permissions import check_can_write
from postmortems.queries.postmortem import entries_of

# Without these there is nothing to learn from; the other sections may stay empty.
REQUIRED = {
    SectionKey.SUMMARY: "Write the summary first: what broke, who was affected, how it was fixed.",
    SectionKey.ROOT_CAUSE: "Write the root cause first, so that a new colleague would understand it.",
}


def owes_postmortem(incident: Incident) -> bool:
    """Whether the level's policy, or a promise that was made, asks for a postmortem."""
    duty = Duty.objects.filter(level_id=incident.level_id, kind=PromiseKind.POSTMORTEM)
    return duty.exists() or promise_of(incident) is not None


def promise_of(incident: Incident) -> Promise | None:
    """The open promise of the postmortem, if one was made."""
    return incident.promises.open().filter(kind=PromiseKind.POSTMORTEM).first()


@transaction.atomic
def open_postmortem(incident: Incident, *, by: Actor, now: datetime) -> Postmortem:
    """A draft with every section of document 000, for `incident`; the one that is there already if there is one.

    Its author is whom the promise names, else the commander, the last one when nobody commands any more, else whoever
    resolved; that is asked again each time, and the timeline says so, until somebody has begun to write. Its moment is
    the promise's, also asked again; its audience is the incident's. The promise leads to the document from now on; it
    is not made or kept here, and nobody is told: incidents does, by the level's duty. What the incident owes
    afterwards becomes an action item. Raises NotAllowed, or WrongState when it was no incident.
    """
    check_can_respond(by, incident)
    incident = lock_incident(incident)
    if incident.closed_as in NOT_OF_ITS_OWN:
        how = incident.get_closed_as_display().lower()
        raise WrongState(f"{incident.reference} was closed as {how}; it owes no postmortem.")
    promise = promise_of(incident)
    author = (promise and promise.owner) or author_of(incident)
    postmortem, new = Postmortem.objects.get_or_create(
        incident=incident, defaults={"audience_id": incident.audience_id, "author": author, "opened_at": now}
    )
    if new:
        Section.objects.bulk_create(
            Section(postmortem=postmortem, key=key, heading=key.label, position=position, is_derived=key in DERIVED)
            for position, key in enumerate(SectionKey)
        )
    elif author and not is_begun(postmortem):
        _give_to(postmortem, author, by=by, now=now)
    if promise and promise.due_at != postmortem.due_at:
        postmortem.due_at = promise.due_at
        postmortem.save(update_fields=["due_at"])
    if promise:
        point_to(postmortem, promise, by=by)
    for owed in incident.promises.undone().filter(kind=PromiseKind.ACTION_ITEM).order_by("pk"):
        take_in_promise(owed, by=by, now=now)
    return postmortem


def point_to(postmortem: Postmortem, promise: Promise, *, by: Actor) -> None:
    """Let the promise lead to the document, and name its author, who writes it; its moments stay.

    One about which something was done already (reminded, broken) is left as it is.
    """
    if promise.link or promise.stage != PromiseStage.MADE:
        return
    make_promise(
        postmortem.incident,
        by=by,
        now=promise.made_at,
        kind=PromiseKind.POSTMORTEM,
        due_at=promise.due_at,
        subject=promise.subject,
        owed_by=promise.owed_by,
        owner=postmortem.author or promise.owner,
        link=postmortem.get_absolute_url(),
    )


def author_of(incident: Incident) -> User | None:
    """The commander, the last one if nobody commands any more, else whoever resolved it."""
    held = incident.role_assignments.filter(kind=RoleKind.COMMANDER).select_related("user")
    last = held.order_by(F("ended_at").desc(nulls_first=True), "-began_at").first()
    return last.user if last else incident.resolved_by


def is_begun(postmortem: Postmortem) -> bool:
    """Whether somebody has written in it, or was asked to read it: then it stays whose it is."""
    written = postmortem.sections.filter(edited_at__isnull=False).exists()
    return written or postmortem.status != PostmortemStatus.DRAFT


@transaction.atomic
def pass_on_postmortem(postmortem: Postmortem, held: RoleAssignment, *, by: Actor, now: datetime) -> Postmortem:
    """`held.user` has a role from now on: where that role owes the postmortem, they write it, and so owe it.

    Says so in the timeline. The commander's is also what is owed by no role, or by one that nobody holds. Once
    somebody has begun to write, nothing changes: it stays with its author. Guards nothing: the role was given.
    """
    incident = lock_incident(postmortem.incident)
    postmortem = lock_postmortem(postmortem)
    if _is_owed_by(incident, held) and not is_begun(postmortem):
        _give_to(postmortem, held.user, by=by, now=now)
        incident.promises.open().filter(kind=PromiseKind.POSTMORTEM).update(owner=held.user)
        announce_change(incident, "owed")
    return postmortem


def _is_owed_by(incident: Incident, held: RoleAssignment) -> bool:
    promise = promise_of(incident)
    owed_by = promise.owed_by if promise else ""
    if owed_by in {held.role, held.kind}:
        return True
    others = incident.role_assignments.filter(ended_at__isnull=True, role=owed_by)
    return held.kind == RoleKind.COMMANDER and not others.exists()


def _give_to(postmortem: Postmortem, author: User, *, by: Actor, now: datetime) -> None:
    """`author` writes it from now on, which the timeline says; nothing where they do already."""
    if postmortem.author_id == author.pk:
        return
    former, postmortem.author = postmortem.author, author
    postmortem.save(update_fields=["author"])
    text = f"The postmortem is @{author.handle}’s to write" + (f", no longer @{former.handle}’s" if former else "")
    record(postmortem.incident, now=now, text=text, kind=EntryKind.PROMISE, by=by)


@transaction.atomic
def publish_postmortem(postmortem: Postmortem, *, by: Actor, now: datetime) -> Postmortem:
    """The document is done: derived sections and head are frozen as text, and the promise is kept.

    Reviewers who have not approved do not hold it up: nobody waits for somebody who is asleep, and the page says who
    has not. Says so in the incident's timeline. Publishing twice changes nothing. Raises NotAllowed, or WrongState
    while the incident is not over or a required section is empty.
    """
    lock_incident(postmortem.incident)
    postmortem = lock_postmortem(postmortem)
    if postmortem.status == PostmortemStatus.PUBLISHED:
        check_can_respond(by, postmortem.incident)
        return postmortem
    check_can_write(by, postmortem)
    check_is_complete(postmortem)
    entries = entries_of(postmortem.incident)
    for section in postmortem.sections.all():
        freeze_section(section, postmortem.incident, entries)
    postmortem.record = read_head(postmortem.incident, entries).as_json()
    postmortem.status, postmortem.published_at, postmortem.published_by = PostmortemStatus.PUBLISHED, now, by.user
    postmortem.save(update_fields=["record", "status", "published_at", "published_by"])
    if promise := promise_of(postmortem.incident):
        keep_promise(promise, by=by, now=now)
    record(postmortem.incident, now=now, text="Postmortem published.", kind=EntryKind.PROMISE, by=by)
    return postmortem


def still_to_do(postmortem: Postmortem) -> list[str]:
    """What must happen before it can be published, a sentence each."""
    written = {section.key for section in postmortem.sections.all() if section.body.strip()}
    sentences = [sentence for key, sentence in REQUIRED.items() if key not in written]
    if postmortem.incident.resolved_at is None:
        sentences.insert(0, f"{postmortem.incident.reference} is not resolved yet; publish after that.")
    return sentences


def check_is_complete(postmortem: Postmortem) -> None:
    """Raise WrongState with what is still to do before it can be published."""
    if sentences := still_to_do(postmortem):
        raise WrongState(" ".join(sentences))


@transaction.atomic
def withdraw_postmortem(postmortem: Postmortem, *, by: Actor, now: datetime) -> Postmortem:
    """It was not an incident: nothing is owed. What was typed is kept, and open action items are owed no more.

    A published one stays as it is. Raises NotAllowed.
    """
    check_can_respond(by, postmortem.incident)
    lock_incident(postmortem.incident)
    postmortem = lock_postmortem(postmortem)
    if postmortem.is_final:
        return postmortem
    postmortem.status, postmortem.withdrawn_at = PostmortemStatus.WITHDRAWN, now
    postmortem.save(update_fields=["status", "withdrawn_at"])
    reason = "It was not an incident."
    owed = (PromiseKind.POSTMORTEM, PromiseKind.ACTION_ITEM)
    withdraw_promises(postmortem.incident, now=now, kinds=owed, reason=reason)
    undone = postmortem.action_items.filter(done_at__isnull=True, dropped_at__isnull=True)
    undone.update(dropped_at=now, dropped_reason=reason)
    return postmortem


@transaction.atomic
def reopen_postmortem(postmortem: Postmortem, *, by: Actor, now: datetime) -> Postmortem:
    """The resolution did not hold: a published document is a draft again, and its derived parts follow the record.

    What people wrote stays. Reviewers are asked again, for they approved another story; their notes stay. Changes
    nothing in a document that is not published. The next resolution makes the next promise. Raises NotAllowed.
    """
    check_can_respond(by, postmortem.incident)
    lock_incident(postmortem.incident)
    postmortem = lock_postmortem(postmortem)
    if postmortem.status != PostmortemStatus.PUBLISHED:
        return postmortem
    postmortem.status = PostmortemStatus.IN_REVIEW if postmortem.reviews.exists() else PostmortemStatus.DRAFT
    postmortem.published_at = postmortem.published_by = None
    postmortem.record = {}
    postmortem.save(update_fields=["status", "published_at", "published_by", "record"])
    postmortem.reviews.update(approved_at=None)
    frozen = postmortem.sections.filter(is_derived=True, edited_at__isnull=True)
    frozen.update(body="", html="", revision=F("revision") + 1)
    return postmortem


@transaction.atomic
def follow_audience(postmortem: Postmortem, *, now: datetime) -> Postmortem:
    """The document is seen by whoever may see its incident now. Guards nothing: the incident was made so.

    Whoever writes it, and reviewers who are still asked, are let in with that reason, which the timeline says.
    """
    incident = lock_incident(postmortem.incident)
    postmortem = lock_postmortem(postmortem)
    postmortem.audience = incident.audience
    postmortem.save(update_fields=["audience"])
    if incident.audience is not None:
        _let_people_in(postmortem, incident.audience, now=now)
    return postmortem


def _let_people_in(postmortem: Postmortem, audience: Audience, *, now: datetime) -> None:
    if postmortem.is_final:
        return
    asked = postmortem.reviews.filter(approved_at__isnull=True).select_related("reviewer")
    people = {review.reviewer: "reviews the postmortem" for review in asked}
    if postmortem.author:
        people[postmortem.author] = "writes the postmortem"
    inside = set(audience.entries.values_list("user", flat=True))
    new = {person: why for person, why in people.items() if person.pk not in inside}
    if new:
        admit_all(audience, new, now=now)
        names = ", ".join(f"@{person.handle} ({why})" for person, why in new.items())
        facts = {"let_in": [person.handle for person in new]}
        text = f"It is also seen by {names}"
        record(postmortem.incident, now=now, text=text, kind=EntryKind.AUDIENCE, by=MUSTER, **facts)
