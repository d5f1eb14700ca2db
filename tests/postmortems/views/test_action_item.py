"""Action items from the page; nothing typed is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from postmortems.actions.action_item import add_action_item

URL = "/postmortems/INC-20260418-0042/"
KEY = "6c1f8a0e-93c5-4b8e-8a53-2d8f3b0c1d11"


def day(days: int) -> str:
    return f"{timezone.localdate() + timedelta(days=days)}"


@pytest.fixture
def item(draft, jens, mira):
    due_on = timezone.localdate() + timedelta(days=7)
    return add_action_item(draft, by=jens, now=timezone.now(), text="Test it", owner=mira.user, due_on=due_on)


def test_an_item_is_added_once_however_often_it_is_pressed(draft, web, mira):
    fields = {"text": "Alert on the band", "owner": "mira", "due_on": day(14), "submission_key": KEY}
    answer = web.post(f"{URL}actions/", fields)
    web.post(f"{URL}actions/", fields)

    assert (answer.status_code, answer["Location"]) == (302, f"{URL}#action-items")
    assert [(item.number, item.text, item.owner, f"{item.due_on}") for item in draft.action_items.all()] == [
        (1, "Alert on the band", mira.user, day(14))
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"text": " "}, "Say what will be changed: specific and testable."),
        ({"text": "x" * 301}, "The action has 301 characters and holds 300; make two of it."),
        ({"text": "a\x00"}, "Null characters are not allowed."),
        ({"owner": ""}, "Name one person who owns it."),
        ({"owner": "nobody"}, "There is nobody of this handle who may own it; choose a person of the list."),
        ({"due_on": ""}, "Name the day by which it is done; write it like 2026-05-02."),
        ({"due_on": "02.05.2026"}, "That is not a day; write it like 2026-05-02."),
        ({"due_on": "2026-02-30"}, "That is not a day; write it like 2026-05-02."),
        ({"due_on": "2020-01-01"}, "2020-01-01 is over; choose"),
        ({"submission_key": "x"}, "Reload the page and press again."),
    ],
)
@pytest.mark.parametrize("changed", [False, True])
def test_bad_input_gets_a_sentence_and_everything_back(draft, item, web, change, sentence, changed):
    fields = {"text": "Alert on the band", "owner": "mira", "due_on": day(14), "submission_key": KEY, **change}
    before = list(draft.action_items.values())

    answer = web.post(f"{URL}actions/1/" if changed else f"{URL}actions/", fields)

    page = answer.content.decode()
    assert (answer.status_code, sentence in page) == (422, True)
    if "text" not in change:
        assert 'value="Alert on the band"' in page
    if "owner" not in change:
        assert '<option value="mira" selected>' in page
    if change.get("due_on", day(14)):
        assert f'name="due_on" value="{change.get("due_on", day(14))}"' in page
    assert list(draft.action_items.values()) == before


def test_an_item_is_changed_done_and_dropped(draft, item, web, jens):
    assert 'value="Test it"' in web.get(f"{URL}?item=1").content.decode()
    web.post(f"{URL}actions/1/", {"text": "Test decisions", "owner": "jens", "due_on": day(9)})
    item.refresh_from_db()
    assert (item.text, item.owner, f"{item.due_on}") == ("Test decisions", jens.user, day(9))

    assert "Action 1 is done." in web.post(f"{URL}actions/1/done/", follow=True).content.decode()
    answer = web.post(f"{URL}actions/1/drop/", {"reason": "late"})
    assert answer.status_code == 422
    item.refresh_from_db()
    assert (item.done_by, item.dropped_at) == (jens.user, None)


def test_dropping_asks_why(draft, item, web):
    assert "Why will it not be done?" in web.get(f"{URL}?drop=1").content.decode()
    answer = web.post(f"{URL}actions/1/drop/", {"reason": ""})
    assert (answer.status_code, "Say why it will not be done." in answer.content.decode()) == (422, True)

    page = web.post(f"{URL}actions/1/drop/", {"reason": "Covered <elsewhere>"}, follow=True).content.decode()

    assert "Dropped: Covered &lt;elsewhere&gt;" in page
    item.refresh_from_db()
    assert item.dropped_reason == "Covered <elsewhere>"


def test_a_number_that_is_none_is_not_found(draft, web):
    for door in ("", "done/", "drop/"):
        assert web.post(f"{URL}actions/7/{door}").status_code == 404
    assert web.post(f"{URL}actions/99999999999999999999/done/").status_code == 404
