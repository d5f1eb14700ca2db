"""Action items: added, changed, done, dropped. Each open one is a promise of its incident."""

from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, WrongState
from core.moments import organisation_zone
from incidents.actions.lock import lock_incident
from incidents.actions.promise import keep_promise, make_promise, withdraw_promises
from incidents.actions.submission import came_before, claim_submission
from incidents.enums import PromiseKind
from incidents.models import Promise
from incidents.permissions import check_may_be_told
from postmortems.actions.lock import lock_postmortem
from postmortems.enums import PostmortemStatus
from postmortems.models import ActionItem, Postmortem
from postmortems.permissions import check_can_follow_up

LONGEST_TEXT = 300
END_OF_DAY = time(23, 59, 59)


@transaction.atomic
def add_action_item(
    postmortem: Postmortem,
    *,
    by: Actor,
    now: datetime,
    text: str,
    owner: User,
    due_on: date,
    submission_key: UUID | None = None,
) -> ActionItem:
    """Something will be changed: `text` (specific, testable), by `owner`, until the end of `due_on`.

    Numbers count within the postmortem without a hole. Makes the promise. Works after publication too. The same
    `submission_key` again adds nothing and returns the newest item. Raises NotAllowed, WrongState when it was
    withdrawn, InvalidInput for empty or long text, a day that is over, or an owner who left or may not see a private
    incident.
    """
    postmortem = lock_both(postmortem)
    check_can_follow_up(by, postmortem)
    text = check_text(text)
    check_may_be_told(owner, postmortem.incident, field="owner")
    check_is_to_come(due_on, now)
    submission = claim_submission(submission_key, by=by, now=now, incident=postmortem.incident)
    newest = postmortem.action_items.order_by("number").last()
    if newest and came_before(submission):
        return newest
    number = newest.number + 1 if newest else 1
    item = ActionItem.objects.create(
        postmortem=postmortem, number=number, text=text, owner=owner, due_on=due_on, created_at=now
    )
    promise_action_item(item, by=by, now=now)
    return item


@transaction.atomic
def edit_action_item(
    item: ActionItem, *, by: Actor, now: datetime, text: str, owner: User, due_on: date
) -> ActionItem:
    """Other words, another owner or another day; the promise moves with it.

    A day that is over may stay, but not be chosen. Raises as add_action_item does, and WrongState for one that is done
    or dropped.
    """
    item = lock_open(item, by)
    text = check_text(text)
    if owner.pk != item.owner_id:
        check_may_be_told(owner, item.postmortem.incident, field="owner")
    if due_on != item.due_on:
        check_is_to_come(due_on, now)
    item.text, item.owner, item.due_on = text, owner, due_on
    item.save(update_fields=["text", "owner", "due_on"])
    promise_action_item(item, by=by, now=now)
    return item


@transaction.atomic
def finish_action_item(item: ActionItem, *, by: Actor, now: datetime) -> ActionItem:
    """It is done and its promise is kept. A second press changes nothing. Raises NotAllowed, WrongState if dropped."""
    locked = lock_item(item, by)
    if locked.done_at:
        return locked
    item = check_is_open(locked)
    item.done_at, item.done_by = now, by.user
    item.save(update_fields=["done_at", "done_by"])
    promises = item.postmortem.incident.promises.open()
    for promise in promises.filter(kind=PromiseKind.ACTION_ITEM, subject_key=item.subject_key):
        keep_promise(promise, by=by, now=now)
    return item


@transaction.atomic
def drop_action_item(item: ActionItem, *, by: Actor, now: datetime, reason: str) -> ActionItem:
    """It will not be done, because of `reason`; its promise is withdrawn, the row stays and says why.

    Raises NotAllowed, WrongState for one that is done or dropped already, InvalidInput without a reason.
    """
    item = lock_open(item, by)
    reason = reason.strip()
    if not reason:
        raise InvalidInput("Say why it will not be done.", field="reason")
    if len(reason) > 200 or "\x00" in reason:
        raise InvalidInput("Say why in at most 200 plain characters.", field="reason")
    item.dropped_at, item.dropped_reason = now, reason
    item.save(update_fields=["dropped_at", "dropped_reason"])
    withdraw_promises(
        item.postmortem.incident,
        now=now,
        kinds=(PromiseKind.ACTION_ITEM,),
        reason=f"Dropped by {by}: {reason}"[:200],
        subject_key=item.subject_key,
    )
    return item


@transaction.atomic
def take_in_promise(promise: Promise, *, by: Actor, now: datetime) -> ActionItem | None:
    """What the incident owes afterwards, like another runbook, becomes an action item of its postmortem.

    Its promise stays the one and leads to the item. None while there is no postmortem, or it was withdrawn, or nobody
    owes it by name. The same promise again changes nothing. Raises NotAllowed.
    """
    postmortem = Postmortem.objects.filter(incident=promise.incident_id).first()
    if postmortem is None or postmortem.status == PostmortemStatus.WITHDRAWN:
        return None
    postmortem = lock_both(postmortem)
    items = postmortem.action_items.order_by("number")
    owner = promise.owner or postmortem.author
    there = next((item for item in items if item.subject_key == promise.subject_key), None)
    if there or owner is None:
        return there
    item = ActionItem.objects.create(
        postmortem=postmortem,
        number=max((item.number for item in items), default=0) + 1,
        text=promise.subject,
        owner=owner,
        due_on=promise.due_at.astimezone(organisation_zone()).date(),
        created_at=now,
        promise_key=promise.subject_key,
    )
    promise_action_item(item, by=by, now=now)
    return item


@transaction.atomic
def finish_promised(promise: Promise, *, by: Actor, now: datetime) -> ActionItem | None:
    """What the incident owed was done there: so is the item of that promise, unless it ended before."""
    items = ActionItem.objects.filter(postmortem__incident=promise.incident_id, promise_key=promise.subject_key)
    item = items.filter(done_at__isnull=True, dropped_at__isnull=True).select_related("postmortem").first()
    return finish_action_item(item, by=by, now=now) if item else None


def promise_action_item(item: ActionItem, *, by: Actor, now: datetime) -> None:
    """Make or move the promise of an open item: owed by its owner, until the end of its day in our zone."""
    make_promise(
        item.postmortem.incident,
        by=by,
        now=now,
        kind=PromiseKind.ACTION_ITEM,
        due_at=datetime.combine(item.due_on, END_OF_DAY, organisation_zone()),
        subject=f"Action {item.number}: {item.text}"[:200],
        owner=item.owner,
        subject_key=item.subject_key,
        link=f"{item.postmortem.get_absolute_url()}#action-{item.number}",
    )


def check_text(text: str) -> str:
    """One line, without white space around it. Raises InvalidInput for none, too much, and NUL."""
    text = " ".join(text.split())
    if not text:
        raise InvalidInput("Say what will be changed: specific and testable.", field="text")
    if "\x00" in text:
        raise InvalidInput("The text holds a character that cannot be kept (NUL).", field="text")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(
            f"The action has {len(text)} characters and holds {LONGEST_TEXT}; make two of it.", field="text"
        )
    return text


def check_is_to_come(due_on: date, now: datetime) -> None:
    """Raise InvalidInput for a day that is over in the organisation's zone, or further away than five years."""
    today = now.astimezone(organisation_zone()).date()
    if due_on < today:
        raise InvalidInput(f"{due_on} is over; choose {today} or a later day.", field="due_on")
    if (due_on - today).days > 5 * 366:
        raise InvalidInput(f"{due_on} is more than five years away; choose a day that will be kept.", field="due_on")


def lock_both(postmortem: Postmortem) -> Postmortem:
    """The postmortem, locked after its incident."""
    lock_incident(postmortem.incident)
    return lock_postmortem(postmortem)


def lock_item(item: ActionItem, by: Actor) -> ActionItem:
    """The item, locked after its incident and its postmortem, once `by` may follow it up."""
    postmortem = lock_both(item.postmortem)
    check_can_follow_up(by, postmortem)
    item = ActionItem.objects.select_related("owner").select_for_update(of=("self",)).get(pk=item.pk)
    item.postmortem = postmortem
    return item


def lock_open(item: ActionItem, by: Actor) -> ActionItem:
    """The locked item, still open. Raises NotAllowed or WrongState."""
    return check_is_open(lock_item(item, by))


def check_is_open(item: ActionItem) -> ActionItem:
    """Raise WrongState unless `item` is still owed."""
    if item.done_at:
        raise WrongState(f"Action {item.number} is done already; nothing was changed.")
    if item.dropped_at:
        raise WrongState(f"Action {item.number} was dropped already: {item.dropped_reason}")
    return item
