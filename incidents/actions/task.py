"""Tasks: given to a named person, understood, done, extended, passed on, dropped."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from comms.enums import MessageKind
from core.errors import NotAllowed, WrongState
from core.moments import show_near
from incidents.actions.lock import lock_to_act
from incidents.actions.message import tell
from incidents.actions.numbered import check_to_come, find_numbered, next_number, one_line
from incidents.actions.promise import keep_promise_about, make_promise, withdraw_promises
from incidents.actions.seen import check_seen
from incidents.actions.submission import came_before, claim_submission
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, PromiseKind, TaskStatus
from incidents.models import Incident, Task
from incidents.permissions import check_may_be_told
from incidents.queries.work import open_tasks

LONGEST_TASK = 300


@transaction.atomic
def give_task(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    text: str,
    owner: User,
    due_at: datetime | None = None,
    submission_key: UUID | None = None,
) -> Task | None:
    """`owner` is asked to do `text`, by `due_at` if that is given: then it is a promise of theirs.

    The owner is told, unless they gave it to themselves. The same `submission_key` again does nothing and returns
    None. Raises InvalidInput for no text, a moment that has come, a person who left or may not see the incident;
    NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    if came_before(claim_submission(submission_key, by=by, now=now, incident=locked)):
        return None
    text = one_line(text, field="text", longest=LONGEST_TASK, empty="Say in one line what is to do.")
    check_to_come(due_at, now=now, field="due_at")
    check_may_be_told(owner, locked, field="owner")
    task = Task.objects.create(
        incident=locked,
        number=next_number(locked.tasks.all()),
        text=text,
        owner=owner,
        made_at=now,
        made_by=by.user,
        due_at=due_at,
    )
    _promise(task, by=by, now=now)
    _write(task, f"Task for @{owner.handle}: {text}{_until(task, now)}", by=by, now=now)
    _tell_owner(task, by=by, now=now)
    return task


@transaction.atomic
def understand_task(incident: Incident, *, by: Actor, now: datetime, number: int) -> Task:
    """Its owner says that they have understood it; a second time changes nothing.

    Raises NotAllowed for anybody else, WrongState when it is no longer open, InvalidInput when there is none.
    """
    _, task = _open_task(incident, number, by)
    if by.user != task.owner:
        raise NotAllowed(f"Only @{task.owner.handle} can say that it is understood.")
    if task.understood_at is None:
        task.understood_at = now
        task.save(update_fields=["understood_at"])
        _write(task, f"@{task.owner.handle} has understood: {task.text}", by=by, now=now)
    return task


@transaction.atomic
def finish_task(incident: Incident, *, by: Actor, now: datetime, number: int) -> Task:
    """It is done, whoever says so; its promise is kept. Raises WrongState when it is no longer open, NotAllowed."""
    locked, task = _open_task(incident, number, by)
    _end(task, TaskStatus.DONE, by=by, now=now)
    keep_promise_about(locked, PromiseKind.TASK, subject_key=task.subject_key, by=by, now=now)
    helped = "" if by.user == task.owner else f" (of @{task.owner.handle})"
    _write(task, f"Done{helped}: {task.text}", by=by, now=now)
    return task


@transaction.atomic
def drop_task(incident: Incident, *, by: Actor, now: datetime, number: int, reason: str) -> Task:
    """Nobody has to do it any more, because of `reason`; the owner is told.

    Raises InvalidInput without a reason, WrongState when it is no longer open, NotAllowed.
    """
    locked, task = _open_task(incident, number, by)
    reason = one_line(reason, field="reason", longest=200, empty="Say in a few words why it is dropped.")
    _end(task, TaskStatus.DROPPED, by=by, now=now, reason=reason)
    withdraw_promises(
        locked, now=now, kinds=(PromiseKind.TASK,), reason=f"dropped: {reason}", subject_key=task.subject_key
    )
    _write(task, f"Task of @{task.owner.handle} dropped: {task.text}: {reason}", by=by, now=now)
    if by.user != task.owner:
        _tell(task, task.owner, f"No longer needed: {task.text} ({reason}).", now=now)
    return task


@transaction.atomic
def change_task(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    number: int,
    owner: User | None = None,
    due_at: datetime | None = None,
    seen: str | None = None,
) -> Task:
    """Extend it to `due_at`, pass it on to `owner`, or both; what is None stays, and the same again says nothing.

    The new owner is told and has not understood it yet; the former one is told too. `seen` is the `state` that the
    writer had before them. Raises Conflict when it is another by now, InvalidInput for a moment that has come, a
    person who left or may not see the incident; WrongState when it is no longer open, NotAllowed.
    """
    locked, task = _open_task(incident, number, by)
    check_seen(seen, is_now=task.state, what=f"@{task.owner.handle} has it{_until(task, now)}")
    check_to_come(due_at, now=now, field="due_at")
    former, before = task.owner, task.due_at
    said = []
    if owner is not None and owner != former:
        check_may_be_told(owner, locked, field="owner")
        task.owner, task.understood_at = owner, None
        said.append(f"@{owner.handle} instead of @{former.handle}")
    if due_at is not None and due_at != before:
        task.due_at = due_at
        said.append(f"by {show_near(due_at, now)}")
    if not said:
        return task
    task.save(update_fields=["owner", "understood_at", "due_at"])
    _promise(task, by=by, now=now)
    _write(task, f"Task: {task.text}: {', '.join(said)}", by=by, now=now)
    if task.owner != former:
        _tell_owner(task, by=by, now=now)
        if by.user != former:
            _tell(task, former, f"@{task.owner.handle} has it now: {task.text}.", now=now)
    return task


def drop_open_tasks(incident: Incident, *, by: Actor, now: datetime, reason: str) -> int:
    """The record of a locked incident ends: what was still to do is dropped with it, and said. Returns how many.

    Each has its line in the timeline, and its owner is told unless they ended it themselves.
    """
    tasks = open_tasks(incident)
    for task in tasks:
        task.incident = incident
        _end(task, TaskStatus.DROPPED, by=by, now=now, reason=reason[:200])
        text = f"Task of @{task.owner.handle} dropped: {task.text}: {reason}"
        facts = {"task": task.number, "owner": task.owner.handle}
        write_entry(incident, by=by, now=now, text=text, kind=EntryKind.TASK, facts=facts)
        if by.user != task.owner:
            _tell(task, task.owner, f"No longer needed: {task.text} ({reason}).", now=now)
    return len(tasks)


def _open_task(incident: Incident, number: int, by: Actor) -> tuple[Incident, Task]:
    locked = lock_to_act(incident, by)
    task: Task = find_numbered(locked.tasks.select_related("owner"), number, "task")
    if not task.is_open:
        raise WrongState(f"“{task.text}” is {task.get_status_display().lower()} already.")
    task.incident = locked
    return locked, task


def _end(task: Task, status: TaskStatus, *, by: Actor, now: datetime, reason: str = "") -> None:
    task.status, task.ended_at, task.ended_by, task.reason = status, now, by.user, reason
    task.save(update_fields=["status", "ended_at", "ended_by", "reason"])


def _promise(task: Task, *, by: Actor, now: datetime) -> None:
    """What has a moment is owed by its owner; what was late and was given more time is not late any more."""
    if task.due_at is None:
        return
    make_promise(
        task.incident,
        by=by,
        now=now,
        kind=PromiseKind.TASK,
        due_at=task.due_at,
        subject=task.text[:200],
        owner=task.owner,
        subject_key=task.subject_key,
        link=f"{task.incident.get_absolute_url()}#task-{task.number}",
    )


def _write(task: Task, text: str, *, by: Actor, now: datetime) -> None:
    facts = {"task": task.number, "owner": task.owner.handle}
    write_entry(task.incident, by=by, now=now, text=text, kind=EntryKind.TASK, facts=facts)
    note_sign_of_life(task.incident, by=by, now=now)
    announce_change(task.incident, "owed", "facts")


def _until(task: Task, now: datetime) -> str:
    return f", by {show_near(task.due_at, now)}" if task.due_at else ""


def _tell_owner(task: Task, *, by: Actor, now: datetime) -> None:
    """With what is asked of them."""
    if by.user == task.owner:
        return
    asked = " Open it and say that you have understood it." if task.incident.level.version.tasks_understood else ""
    _tell(task, task.owner, f"{by} asks you: {task.text}{_until(task, now)}.{asked}", now=now)


def _tell(task: Task, person: User, body: str, *, now: datetime) -> None:
    tell(
        task.incident,
        person,
        now=now,
        kind=MessageKind.NOTICE,
        dedup_key=f"task:{task.pk}:{task.incident.last_entry}:{person.pk}",
        body=body,
        link=f"{task.incident.get_absolute_url()}#task-{task.number}",
        task=task.number,
    )
