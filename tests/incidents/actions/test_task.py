"""Tasks: given, understood, done, extended, passed on, dropped."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from accounts.models import User
from comms.enums import MessageKind
from comms.models import Message
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.actions import task as task_actions
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.status import close_as_no_incident, close_incident, resolve_incident
from incidents.actions.task import change_task, drop_task, finish_task, give_task, understand_task
from incidents.enums import PromiseKind, TaskStatus
from incidents.models import Incident, Promise, Task
from incidents.owed import IncidentFacts, owed
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.incidents import IncidentFactory
from tests.incidents.actions.conftest import texts

TEN = timedelta(minutes=10)


def told(user: User) -> list[str]:
    """What was said to `user` about tasks."""
    rows = Message.objects.filter(kind=MessageKind.NOTICE, user=user, dedup_key__startswith="task:")
    return list(rows.order_by("pk").values_list("body", flat=True))


def promises(incident: Incident) -> list[Promise]:
    """What is owed about tasks."""
    return list(Promise.objects.open().filter(incident=incident, kind=PromiseKind.TASK))


def rows_owed(incident: Incident, now: datetime) -> list[tuple[str, str, str, str, bool]]:
    """What, tone, owner, verb, and whether it acts at once."""
    facts = IncidentFacts(incident=incident, promises=promises(incident), pages=[], commander=None, action_urls={})
    return [
        (row.what, row.tone, row.owner, row.verb, row.posts)
        for row in owed(facts, now)
        if row.key.startswith("promise")
    ]


def test_a_task_is_one_line_and_a_person_who_is_told(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    task = give_task(incident, by=ana, now=now, text=" look at\nthe replica ", owner=jens)

    assert task is not None
    assert (task.number, task.text, task.owner, task.status) == (1, "look at the replica", jens, TaskStatus.OPEN)
    assert texts(incident)[-1] == "Task for @jens: look at the replica"
    assert told(jens) == ["@ana asks you: look at the replica."]
    assert promises(incident) == []


def test_a_task_with_minutes_is_owed_by_its_owner_and_late_when_they_are_over(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    give_task(incident, by=ana, now=now, text="roll back to 1.4", owner=jens, due_at=now + TEN)

    assert texts(incident)[-1] == "Task for @jens: roll back to 1.4, by 12:33 UTC"
    assert rows_owed(incident, now + TEN) == [("roll back to 1.4", "late", "@jens", "Done", True)]
    sweep_promises(now=now + TEN)
    assert texts(incident)[-1] == "**Broken promise:** roll back to 1.4 was due at 12:33 UTC"


def test_numbers_go_on_and_what_is_ones_own_idea_is_not_told(incident: Incident, ana: Actor, now: datetime) -> None:
    tasks = [give_task(incident, by=ana, now=now, text=text, owner=ana.user) for text in ("one", "two")]

    assert [task.number for task in tasks if task] == [1, 2]
    assert told(ana.user) == []


def test_only_its_owner_understands_it_and_once(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    give_task(incident, by=ana, now=now, text="roll back", owner=jens)

    with pytest.raises(NotAllowed, match="Only @jens can say that it is understood"):
        understand_task(incident, by=ana, now=now, number=1)
    for minute in (1, 2):
        understand_task(incident, by=Actor(user=jens), now=now + timedelta(minutes=minute), number=1)

    assert incident.tasks.get().understood_at == now + timedelta(minutes=1)
    assert texts(incident).count("@jens has understood: roll back") == 1


def test_a_done_task_keeps_its_promise_whoever_says_so(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    give_task(incident, by=ana, now=now, text="roll back", owner=jens, due_at=now + TEN)
    finish_task(incident, by=ana, now=now + timedelta(minutes=3), number=1)

    promise = Promise.objects.get(kind=PromiseKind.TASK)
    assert (promise.kept_at, promise.kept_by, promise.wake_at) == (now + timedelta(minutes=3), ana.user, None)
    assert texts(incident)[-1] == "Done (of @jens): roll back"
    with pytest.raises(WrongState, match="“roll back” is done already"):
        finish_task(incident, by=ana, now=now, number=1)


def test_a_task_that_is_extended_is_late_no_more(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    give_task(incident, by=ana, now=now, text="roll back", owner=jens, due_at=now + TEN)
    sweep_promises(now=now + TEN)
    change_task(incident, by=ana, now=now + TEN, number=1, due_at=now + 2 * TEN)

    assert [(row.due_at, row.broken_at) for row in promises(incident)] == [(now + 2 * TEN, None)]
    assert texts(incident)[-1] == "Task: roll back: by 12:43 UTC"


def test_a_task_is_passed_on_and_both_are_told(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    give_task(incident, by=ana, now=now, text="roll back", owner=jens, due_at=now + TEN)
    understand_task(incident, by=Actor(user=jens), now=now, number=1)
    change_task(incident, by=ana, now=now, number=1, owner=mira)

    task = incident.tasks.get()
    assert (task.owner, task.understood_at) == (mira, None)
    assert [row.owner for row in promises(incident)] == [mira]
    assert texts(incident)[-1] == "Task: roll back: @mira instead of @jens"
    assert told(mira) == ["@ana asks you: roll back, by 12:33 UTC."]
    assert told(jens)[1:] == ["@mira has it now: roll back."]


def test_a_change_that_changes_nothing_says_nothing(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    give_task(incident, by=ana, now=now, text="roll back", owner=jens, due_at=now + TEN)
    said = texts(incident)
    change_task(incident, by=ana, now=now, number=1, owner=jens, due_at=now + TEN)

    assert texts(incident) == said


def test_a_task_is_dropped_with_a_reason(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    give_task(incident, by=ana, now=now, text="roll back", owner=jens, due_at=now + TEN)
    with pytest.raises(InvalidInput, match="Say in a few words why it is dropped"):
        drop_task(incident, by=ana, now=now, number=1, reason=" ")
    drop_task(incident, by=ana, now=now, number=1, reason="fixed itself")

    task = incident.tasks.get()
    assert (task.status, task.reason, task.ended_by) == (TaskStatus.DROPPED, "fixed itself", ana.user)
    assert promises(incident) == []
    assert texts(incident)[-1] == "Task of @jens dropped: roll back: fixed itself"
    assert told(jens)[-1] == "No longer needed: roll back (fixed itself)."


def test_a_task_outlives_resolved_and_ends_with_the_record(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    give_task(incident, by=ana, now=now, text="tidy up", owner=jens, due_at=now + timedelta(hours=2))
    resolve_incident(incident, by=ana, now=now)
    assert (len(promises(incident)), incident.tasks.get().status) == (1, TaskStatus.OPEN)

    close_incident(incident, by=ana, now=now + timedelta(hours=1), reason="over")
    task = incident.tasks.get()
    assert (promises(incident), task.status, task.reason) == ([], TaskStatus.DROPPED, "the record was closed")
    assert texts(incident)[-1] == "Task of @jens dropped: tidy up: the record was closed"
    assert told(jens)[-1] == "No longer needed: tidy up (the record was closed)."


def test_no_incident_has_no_tasks(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    give_task(incident, by=ana, now=now, text="tidy up", owner=jens, due_at=now + TEN)
    close_as_no_incident(incident, by=ana, now=now)

    assert (promises(incident), incident.tasks.get().status) == ([], TaskStatus.DROPPED)


@pytest.mark.parametrize(
    ("words", "sentence", "field"),
    [
        ({"text": " "}, "Say in one line what is to do.", "text"),
        ({"text": "x" * 301}, "The line has 301 characters and holds 300", "text"),
        ({"text": "a\0b"}, "cannot be kept", "text"),
        ({"due_at": datetime.fromisoformat("2026-04-18T12:23:00+00:00")}, "12:23 UTC is over", "due_at"),
    ],
)
def test_a_task_that_makes_no_sense_is_refused_and_leaves_nothing(
    incident: Incident, ana: Actor, jens: User, now: datetime, words: dict[str, object], sentence: str, field: str
) -> None:
    said = texts(incident)
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        give_task(incident, by=ana, now=now, **{"text": "roll back", "owner": jens, **words})

    assert (refusal.value.field, Task.objects.count(), texts(incident)) == (field, 0, said)


def test_whoever_left_or_may_not_see_it_gets_no_task(ana: Actor, jens: User, now: datetime) -> None:
    private = IncidentFactory(private_to=[ana.user])
    with pytest.raises(InvalidInput, match="@jens may not see this private incident"):
        give_task(private, by=ana, now=now, text="look", owner=jens)
    with pytest.raises(InvalidInput, match="@gone is no longer here"):
        give_task(private, by=ana, now=now, text="look", owner=UserFactory(handle="gone", is_active=False))

    assert Task.objects.count() == 0


def test_a_viewer_gives_none_and_a_closed_record_takes_none(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        give_task(incident, by=ActorFactory(user=UserFactory(viewer=True)), now=now, text="look", owner=jens)
    with pytest.raises(WrongState, match="is closed; nothing was changed"):
        give_task(IncidentFactory(number=77, closed=True), by=ana, now=now, text="look", owner=jens)
    with pytest.raises(InvalidInput, match="There is no task 7 here"):
        finish_task(incident, by=ana, now=now, number=7)


def test_a_task_that_breaks_half_way_leaves_nothing(
    incident: Incident, ana: Actor, jens: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    said = texts(incident)
    monkeypatch.setattr(task_actions, "_tell_owner", fail)
    with pytest.raises(IntegrityError):
        give_task(incident, by=ana, now=now, text="roll back", owner=jens, due_at=now + TEN)

    assert (Task.objects.count(), promises(incident), texts(incident)) == (0, [], said)
