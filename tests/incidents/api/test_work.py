"""Tasks, hypotheses and decisions by API: read, added once, answered."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.api import Machine
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.working import DecisionFactory, HypothesisFactory, TaskFactory

pytestmark = pytest.mark.django_db
LATER = "2026-04-18T12:43:00Z"


@pytest.fixture
def jens(db):
    return ReachableUserFactory(handle="jens")


@pytest.fixture
def path(incident):
    return f"/incidents/{incident.reference}"


def said(incident) -> list[tuple[str, str, str]]:
    """(text, author, way) of every entry, oldest first."""
    return list(incident.entries.order_by("number").values_list("text", "author__handle", "via"))


# --- tasks ---


def test_a_task_is_given_understood_passed_on_and_done(ana, jens, incident, path):
    mine, theirs = Machine(ana), Machine(jens)

    given = mine.post(f"{path}/tasks", {"text": "roll back", "owner": "@jens", "due_at": LATER})
    refused = mine.post(f"{path}/tasks/1/understood", {})
    understood = theirs.post(f"{path}/tasks/1/understood", {})
    passed_on = theirs.post(f"{path}/tasks/1/change", {"owner": "ana"})
    done = mine.post(f"{path}/tasks/1/done", {})

    shown = {"number": 1, "text": "roll back", "owner": "jens", "status": "open", "due_at": LATER}
    assert given == (201, {**shown, "understood_at": None})
    assert refused == (403, {"detail": "Only @jens can say that it is understood.", "field": ""})
    assert understood == (200, {**shown, "understood_at": "2026-04-18T12:23:00Z"})
    assert passed_on == (200, {**shown, "owner": "ana", "understood_at": None})
    assert done == (200, {**shown, "owner": "ana", "understood_at": None, "status": "done"})
    assert Machine(ana, "read").get(f"{path}/tasks") == (200, [done[1]])
    assert said(incident) == [
        ("Task for @jens: roll back, by 12:43 UTC", "ana", "api"),
        ("@jens has understood: roll back", "jens", "api"),
        ("Task: roll back: @ana instead of @jens", "jens", "api"),
        ("Done: roll back", "ana", "api"),
    ]
    again = mine.post(f"{path}/tasks/1/done", {})
    assert again == (409, {"detail": "“roll back” is done already.", "field": ""})


def test_a_task_is_dropped_with_a_reason(ana, jens, incident, path):
    TaskFactory(incident=incident, number=1, owner=jens, text="roll back")
    machine = Machine(ana)

    refused = machine.post(f"{path}/tasks/1/drop", {})
    status, shown = machine.post(f"{path}/tasks/1/drop", {"reason": "it works again"})

    assert refused == (422, {"detail": "Say in a few words why it is dropped.", "field": "reason"})
    assert (status, shown["status"]) == (200, "dropped")
    assert said(incident) == [("Task of @jens dropped: roll back: it works again", "ana", "api")]


@pytest.mark.parametrize(
    ("asked", "detail", "field"),
    [
        ({"text": " ", "owner": "jens"}, "Say in one line what is to do.", "text"),
        ({"text": "x", "owner": "nobody"}, "There is nobody called @nobody here.", "owner"),
        ({"text": "x"}, "Give “owner”.", "owner"),
        (
            {"text": "x", "owner": "jens", "due_at": "2026-04-18T12:00:00Z"},
            "12:00 UTC is over; give a moment to come.",
            "due_at",
        ),
    ],
)
def test_a_task_that_makes_no_sense_is_refused_and_leaves_nothing(ana, jens, incident, path, asked, detail, field):
    assert Machine(ana).post(f"{path}/tasks", asked) == (422, {"detail": detail, "field": field})
    assert (incident.tasks.count(), incident.entries.count()) == (0, 0)


# --- hypotheses ---


def test_a_hypothesis_is_put_forward_looked_at_and_confirmed(ana, incident, path):
    machine, own = Machine(ana), f"{path}/hypotheses"

    added = machine.post(own, {"text": "the new detector", "confidence": 40})
    seen = machine.post(f"{own}/1/lines", {"text": "it began at 14:10", "confidence": 70})
    step = machine.post(f"{own}/1/lines", {"text": "switch it off", "kind": "step"})
    done = machine.post(f"{own}/1/lines/2/done", {})
    thought = machine.post(f"{own}/1/status", {"status": "confirmed", "seen": "open"})

    shown = {"number": 1, "text": "the new detector", "status": "open", "confidence": 40, "evidence": [], "steps": []}
    assert added == (201, shown)
    shown |= {"confidence": 70, "evidence": ["it began at 14:10"]}
    assert seen == (201, shown)
    assert step == (201, {**shown, "steps": [{"number": 2, "text": "switch it off", "done_at": None}]})
    shown["steps"] = [{"number": 2, "text": "switch it off", "done_at": "2026-04-18T12:23:00Z"}]
    assert done == (200, shown)
    assert thought == (200, {**shown, "status": "confirmed"})
    assert Machine(ana, "read").get(own) == (200, [thought[1]])
    assert said(incident)[-1] == ("Hypothesis confirmed: the new detector", "ana", "api")
    late = machine.post(f"{own}/1/status", {"status": "ruled_out", "seen": "open"})
    assert (late[0], late[1]["detail"].endswith("confirmed. Look again first.")) == (409, True)


@pytest.mark.parametrize(
    ("door", "asked", "detail", "field"),
    [
        ("", {"text": ""}, "Say in one line what may be behind it.", "text"),
        ("", {"text": "x", "confidence": 101}, "Say in percent how sure you are: 0 to 100.", "confidence"),
        ("/1/status", {"status": "sure"}, "“sure” is none of open, testing, ruled_out, confirmed.", "status"),
        ("/1/lines", {"text": "x", "kind": "guess"}, "“guess” is none of evidence, step.", "kind"),
        ("/1/lines/7/done", {}, "There is no step 7 here.", ""),
    ],
)
def test_a_hypothesis_that_makes_no_sense_is_refused_and_leaves_nothing(
    ana, incident, path, door, asked, detail, field
):
    HypothesisFactory(incident=incident, number=1)

    answer = Machine(ana).post(f"{path}/hypotheses{door}", asked)

    assert answer == (422, {"detail": detail, "field": field})
    assert (incident.hypotheses.count(), incident.entries.count()) == (1, 0)


# --- decisions ---


def test_a_decision_is_written_down_and_answered(ana, incident, path):
    machine, own = Machine(ana), f"{path}/decisions"

    made = machine.post(own, {"text": "fail over", "check_at": LATER, "risk": "no writes"})
    worked, again = (machine.post(f"{own}/1/outcome", {"outcome": "worked"}) for _ in range(2))
    late = machine.post(f"{own}/1/outcome", {"outcome": "failed", "seen": ""})

    shown = {"number": 1, "text": "fail over", "made_at": "2026-04-18T12:23:00Z", "check_at": LATER, "outcome": ""}
    assert made == (201, shown)
    assert worked == again == (200, {**shown, "outcome": "worked"})
    assert Machine(ana, "read").get(own) == (200, [worked[1]])
    sentence = "@ana was quicker at 12:23 UTC: “fail over”: it worked. Look again first."
    assert late == (409, {"detail": sentence, "field": ""})
    assert said(incident) == [
        ("Decided: fail over · Risk: no writes · looked at again at 12:43 UTC", "ana", "api"),
        ("It worked: fail over", "ana", "api"),
    ]


@pytest.mark.parametrize(
    ("door", "asked", "detail", "field"),
    [
        ("", {"text": ""}, "Say in one line what was decided.", "text"),
        ("/1/outcome", {"outcome": "so so"}, "“so so” is none of worked, failed.", "outcome"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused_and_leaves_nothing(ana, incident, path, door, asked, detail, field):
    DecisionFactory(incident=incident, number=1)

    answer = Machine(ana).post(f"{path}/decisions{door}", asked)

    assert answer == (422, {"detail": detail, "field": field})
    assert (incident.decisions.count(), incident.entries.count()) == (1, 0)


# --- a press that is sent again ---


@pytest.mark.parametrize(
    ("door", "asked"),
    [
        ("tasks", {"text": "roll back", "owner": "jens"}),
        ("hypotheses", {"text": "the new detector"}),
        ("decisions", {"text": "fail over"}),
    ],
)
def test_the_same_submission_key_adds_once_and_answers_with_the_first(ana, jens, incident, path, moment, door, asked):
    machine, key = Machine(ana), {"submission_key": str(uuid4())}
    machine.post(f"{path}/{door}", asked)
    moment.shift(timedelta(seconds=2))

    first = machine.post(f"{path}/{door}", {**asked, **key})
    moment.shift(timedelta(seconds=2))
    again = machine.post(f"{path}/{door}", {**asked, **key})
    elsewhere = Machine(jens).post(f"{path}/{door}", {**asked, **key})

    assert (first[0], first[1]["number"], again) == (201, 2, (200, first[1]))
    sentence = "This form was sent by somebody else before; reload the page and send it again."
    assert elsewhere == (409, {"detail": sentence, "field": ""})
    assert (len(machine.get(f"{path}/{door}")[1]), incident.entries.count()) == (2, 2)


def test_the_same_submission_key_adds_one_line(ana, incident, path):
    HypothesisFactory(incident=incident, number=1)
    machine, asked = Machine(ana), {"text": "seen", "submission_key": str(uuid4())}

    first, again = (machine.post(f"{path}/hypotheses/1/lines", asked) for _ in range(2))

    assert (first[0], again) == (201, (200, first[1]))
    assert first[1]["evidence"] == ["seen"]


def test_a_key_that_came_with_something_else_is_refused(ana, jens, incident, path, moment):
    machine, key = Machine(ana), {"submission_key": str(uuid4())}
    machine.post(f"{path}/entries", {"text": "a note", **key})

    answer = machine.post(f"{path}/tasks", {"text": "roll back", "owner": "jens", **key})

    sentence = "This submission_key was sent with something else before; take a new one."
    assert answer == (409, {"detail": sentence, "field": ""})
    assert incident.tasks.count() == 0


def test_the_room_and_the_list_of_tasks_show_the_same(ana, incident, path):
    TaskFactory(incident=incident, number=1, owner=ana, due_at=NOW + timedelta(minutes=5))

    machine = Machine(ana, "read")

    assert machine.get(path)[1]["tasks"] == machine.get(f"{path}/tasks")[1]
