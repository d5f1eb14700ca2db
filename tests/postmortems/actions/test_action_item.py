"""Each open action item is a promise of its incident."""

from datetime import date
from uuid import uuid4

import pytest

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.enums import PromiseKind
from postmortems.actions.action_item import add_action_item, drop_action_item, edit_action_item, finish_action_item
from postmortems.models import ActionItem
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.postmortems.story import berlin

NOW = berlin("16:00")
TEXT = "Alert when the block rate leaves its daily band for 2 minutes"


def promises(story):
    rows = story.promises.filter(kind=PromiseKind.ACTION_ITEM).order_by("pk")
    return [
        (row.subject_key, row.owner.handle, f"{row.due_at:%Y-%m-%d %H:%M}", bool(row.kept_at), row.withdrawn_reason)
        for row in rows
    ]


@pytest.fixture
def item(draft, jens, mira):
    return add_action_item(draft, by=jens, now=NOW, text=TEXT, owner=mira.user, due_on=date(2026, 5, 2))


def test_an_item_is_numbered_and_owed_until_the_end_of_its_day_in_our_zone(item, draft, story, jens):
    second = add_action_item(draft, by=jens, now=NOW, text="Test it", owner=jens.user, due_on=date(2026, 4, 18))

    assert [(row.number, row.text, row.due_on) for row in draft.action_items.all()] == [
        (1, TEXT, date(2026, 5, 2)),
        (2, "Test it", date(2026, 4, 18)),
    ]
    assert promises(story) == [
        ("action:1", "mira", "2026-05-02 21:59", False, ""),
        ("action:2", "jens", "2026-04-18 21:59", False, ""),
    ]
    promise = story.promises.get(subject_key=second.subject_key)
    assert promise.link == f"/postmortems/{story.reference}/#action-2"


def test_another_owner_and_day_move_the_promise(item, story, jens):
    edit_action_item(item, by=jens, now=NOW, text=TEXT, owner=jens.user, due_on=date(2026, 5, 9))

    assert promises(story) == [("action:1", "jens", "2026-05-09 21:59", False, "")]


def test_done_keeps_the_promise_and_a_second_press_changes_nothing(item, story, mira, jens):
    finish_action_item(item, by=mira, now=NOW)
    finish_action_item(item, by=jens, now=berlin("17:00"))

    item.refresh_from_db()
    assert (item.done_at, item.done_by) == (NOW, mira.user)
    assert promises(story) == [("action:1", "mira", "2026-05-02 21:59", True, "")]
    with pytest.raises(WrongState, match="Action 1 is done already"):
        drop_action_item(item, by=jens, now=NOW, reason="no")


def test_dropped_withdraws_the_promise_with_the_reason(item, draft, story, jens, mira):
    add_action_item(draft, by=jens, now=NOW, text="Test it", owner=mira.user, due_on=date(2026, 5, 2))

    drop_action_item(item, by=jens, now=NOW, reason=" Covered by the new gateway ")

    item.refresh_from_db()
    assert (item.dropped_at, item.dropped_reason) == (NOW, "Covered by the new gateway")
    assert promises(story) == [
        ("action:1", "mira", "2026-05-02 21:59", False, "Dropped by @jens: Covered by the new gateway"),
        ("action:2", "mira", "2026-05-02 21:59", False, ""),
    ]
    for act in (finish_action_item, edit_action_item):
        extra = {"text": TEXT, "owner": mira.user, "due_on": date(2026, 5, 2)} if act is edit_action_item else {}
        with pytest.raises(WrongState, match="Action 1 was dropped already: Covered by the new gateway"):
            act(item, by=jens, now=NOW, **extra)


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"text": " "}, "text", "Say what will be changed: specific and testable."),
        ({"text": "x" * 301}, "text", "The action has 301 characters and holds 300; make two of it."),
        ({"text": "a\x00b"}, "text", "The text holds a character that cannot be kept (NUL)."),
        ({"due_on": date(2026, 4, 17)}, "due_on", "2026-04-17 is over; choose 2026-04-18 or a later day."),
        (
            {"due_on": date(2062, 4, 17)},
            "due_on",
            "2062-04-17 is more than five years away; choose a day that will be kept.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(draft, story, jens, change, field, sentence):
    fields = {"text": TEXT, "owner": jens.user, "due_on": date(2026, 5, 2), **change}

    with pytest.raises(InvalidInput) as refused:
        add_action_item(draft, by=jens, now=NOW, **fields)

    assert (str(refused.value), refused.value.field) == (sentence, field)
    assert (ActionItem.objects.count(), promises(story)) == (0, [])


def test_an_owner_who_left_or_may_not_see_it_is_refused(draft, story, jens, mira):
    gone = UserFactory(handle="gone", is_active=False)
    story.audience = AudienceFactory(members=[jens.user])
    story.save()
    for owner, sentence in (
        (gone, "@gone is no longer here."),
        (mira.user, "@mira may not see this private incident; let them in first."),
    ):
        with pytest.raises(InvalidInput) as refused:
            add_action_item(draft, by=jens, now=NOW, text=TEXT, owner=owner, due_on=date(2026, 5, 2))
        assert str(refused.value) == sentence
    assert promises(story) == []


def test_a_viewer_changes_no_action_item(item, story):
    viewer = Actor(UserFactory(viewer=True))
    with pytest.raises(NotAllowed):
        finish_action_item(item, by=viewer, now=NOW)
    with pytest.raises(NotAllowed):
        drop_action_item(item, by=viewer, now=NOW, reason="no")
    assert promises(story) == [("action:1", "mira", "2026-05-02 21:59", False, "")]


def test_dropping_needs_a_reason(item, jens):
    with pytest.raises(InvalidInput, match="Say why it will not be done"):
        drop_action_item(item, by=jens, now=NOW, reason="  ")


@pytest.mark.parametrize(
    ("act", "second"), [("add", "make_promise"), ("done", "keep_promise"), ("drop", "withdraw_promises")]
)
def test_an_item_and_its_promise_change_together_or_not_at_all(draft, story, item, jens, monkeypatch, act, second):
    def fail(*_, **__):
        raise RuntimeError("the second write fails")

    monkeypatch.setattr(f"postmortems.actions.action_item.{second}", fail)
    acts = {
        "add": lambda: add_action_item(draft, by=jens, now=NOW, text="Two", owner=jens.user, due_on=date(2026, 5, 2)),
        "done": lambda: finish_action_item(item, by=jens, now=NOW),
        "drop": lambda: drop_action_item(item, by=jens, now=NOW, reason="no"),
    }
    with pytest.raises(RuntimeError):
        acts[act]()

    assert [(row.number, row.is_open) for row in draft.action_items.all()] == [(1, True)]
    assert promises(story) == [("action:1", "mira", "2026-05-02 21:59", False, "")]


def test_a_double_press_adds_one(draft, jens):
    key = uuid4()
    fields = {"text": TEXT, "owner": jens.user, "due_on": date(2026, 5, 2), "submission_key": key}

    first = add_action_item(draft, by=jens, now=NOW, **fields)
    second = add_action_item(draft, by=jens, now=NOW, **fields)

    assert (second.pk, draft.action_items.count()) == (first.pk, 1)
