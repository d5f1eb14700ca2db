"""Commands of the composer that tell the public, pin, link, and decide what a runbook asks."""

from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import Refused
from incidents.actions.audience import make_private
from incidents.actions.composer import COMMANDS, post_line
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.runbook import take_up_runbook
from incidents.actions.status import resolve_incident
from incidents.enums import PromiseKind, Relation
from incidents.models import Incident, IncidentLink, LadderVersion, Pin, StatusUpdate
from incidents.queries.composer import completions
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.ladder import CriticalDecisionFactory, RunbookFactory
from tests.incidents.actions.conftest import texts

USAGES = {name: (command.usage, command.does) for name, command in COMMANDS.items()}


def run(incident: Incident, by: Actor, now: datetime, line: str) -> str:
    """What the writer is told."""
    return post_line(incident, by=by, now=now, line=line).said


def refused(incident: Incident, by: Actor, now: datetime, line: str) -> str:
    """The sentence with which nothing was done."""
    before = texts(incident)
    with pytest.raises(Refused) as refusal:
        post_line(incident, by=by, now=now, line=line)
    assert (texts(incident), Pin.objects.count(), IncidentLink.objects.count()) == (before, 0, 0)
    assert StatusUpdate.objects.count() == 0
    return str(refusal.value)


def offered(incident: Incident, by: User, typed: str) -> list[tuple[str, str]]:
    """What completion shows."""
    return [(row.insert, row.label) for row in completions(incident, typed, USAGES, by)]


# --- public ---


def test_the_public_is_told_the_words(incident, ana, now):
    assert run(incident, ana, now, "/public We look into it.") == "The public was told."

    incident.refresh_from_db()
    assert (incident.public_state, incident.public_told_at) == ("investigating", now)
    assert incident.status_updates.get().public_text == "We look into it."


def test_alone_it_tells_nobody_and_says_what_is_missing(incident, ana, now):
    assert refused(incident, ana, now, "/public").startswith("Write /public and the words, as everybody outside")


def test_what_is_private_is_not_told_to_the_public(incident, ana, now):
    make_private(incident, by=ana, now=now, reason="names")
    incident.refresh_from_db()

    for line in ("/public", "/public We look into it."):
        assert refused(incident, ana, now, line).endswith("is private; nothing of it is told to the public.")


# --- close ---


def test_what_is_over_is_closed(incident, ana, now):
    resolve_incident(incident, by=ana, now=now)
    over = now + timedelta(minutes=30)
    sweep_promises(now=over)

    assert run(incident, ana, over, "/close") == "Closed."

    incident.refresh_from_db()
    assert (incident.status, incident.closed_at, incident.closed_reason) == ("closed", over, "")
    assert incident.entries.filter(text="Closed").values_list("author__handle", flat=True).get() == "ana"


def test_what_holds_the_closing_is_said_and_a_reason_behind_it_closes_all_the_same(incident, ana, now):
    assert refused(incident, ana, now, "/close") == "Resolve it first; or say that it was not an incident."
    resolve_incident(incident, by=ana, now=now)
    assert refused(incident, ana, now, "/close").endswith("To close it all the same, give a reason.")

    assert run(incident, ana, now, "/close the feature is off") == "Closed."

    incident.refresh_from_db()
    assert incident.closed_reason == "the feature is off"


def test_closing_stands_among_the_commands(incident, ana):
    says = "/close: the response is over; a reason behind it while something is owed"
    assert offered(incident, ana.user, "/clo") == [("/close ", says)]


# --- pin ---


def test_a_number_pins_that_entry_alone_the_newest_own_note(incident, ana, jens, now):
    post_line(incident, by=ana, now=now, line="mine")
    note = post_line(incident, by=ActorFactory(user=jens), now=now, line="his").entry

    assert run(incident, ana, now, f"/pin {note.number}") == f"Pinned: entry {note.number}."
    run(incident, ana, now, "/pin")

    assert [pin.entry.text for pin in Pin.objects.order_by("pk")] == ["his", "mine"]


def test_words_are_noted_and_pinned(incident, ana, now):
    run(incident, ana, now, "/pin 12 customers in the EU")

    assert Pin.objects.get().entry.text == texts(incident)[-1] == "12 customers in the EU"


@pytest.mark.parametrize(
    ("line", "sentence"), [("/pin", "You have written no note here"), ("/pin 4711", "There is no entry 4711 here.")]
)
def test_what_cannot_be_pinned_is_refused(incident, ana, now, line, sentence):
    assert sentence in refused(incident, ana, now, line)


# --- link ---


@pytest.mark.parametrize(
    ("behind", "relation", "word"),
    [("", Relation.RELATED, "Related to"), (" caused by", Relation.CAUSED_BY, "Caused by")],
)
def test_another_incident_is_linked_by_reference_or_number(incident, ana, now, behind, relation, word):
    other = IncidentFactory(number=77)

    assert run(incident, ana, now, f"/link {other.reference.lower()}{behind}") == f"{word} {other.reference}."
    run(incident, ana, now, f"/link 77{behind}")

    assert [(link.target, link.relation) for link in IncidentLink.objects.all()] == [(other, relation)]


def test_what_the_writer_may_not_see_is_neither_linked_nor_offered(incident, ana, now):
    hidden = IncidentFactory(number=77, private_to=[UserFactory()], summary="quagga")
    seen = IncidentFactory(number=78, private_to=[ana.user], summary="mine")

    for word in (hidden.reference, "77", "INC-1"):
        assert refused(incident, ana, now, f"/link {word}") == f"There is no incident {word}."
    assert offered(incident, ana.user, "/link ") == [(f"/link {seen.reference} ", "mine")]


@pytest.mark.parametrize("line", ["/link", "/link 77 because of rain"])
def test_a_link_that_makes_no_sense_is_refused(incident, ana, now, line):
    IncidentFactory(number=77)

    assert refused(incident, ana, now, line).startswith("Write /link and the other incident")


def test_an_incident_is_not_linked_to_itself(incident, ana, now):
    assert refused(incident, ana, now, f"/link {incident.reference}") == "That is this very incident."


# --- critical ---


@pytest.fixture
def numbers(incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime) -> list[str]:
    """Two decisions that a runbook waits for, the first due sooner; as they are called."""
    runbook = RunbookFactory(version=ladder, slug="database")
    rows = [
        CriticalDecisionFactory(runbook=runbook, position=place, text=text, within=within, escalate_policy="")
        for place, (text, within) in enumerate([("Fail over, or not", "10 min"), ("Tell customers", "20 min")])
    ]
    take_up_runbook(incident, by=ana, now=now, runbook="database")
    return [str(row.pk) for row in rows]


def test_what_a_runbook_asks_is_decided_by_its_number(incident, ana, now, numbers):
    assert run(incident, ana, now, f"/critical {numbers[1]} not yet") == "Decided: Tell customers."
    assert run(incident, ana, now, "/critical fail over to the replica") == "Decided: Fail over, or not."

    assert texts(incident)[-2:] == [
        "**Decided:** not yet (Tell customers)",
        "**Decided:** fail over to the replica (Fail over, or not)",
    ]
    assert not incident.promises.undone().filter(kind=PromiseKind.CRITICAL).exists()


@pytest.mark.parametrize("words", ["", "fail over", "{0}", "0 fail over"])
def test_without_number_or_words_it_says_what_waits(incident, ana, now, numbers, words):
    sentence = refused(incident, ana, now, f"/critical {words.format(*numbers)}")

    first, second = numbers
    assert sentence.endswith(f"Waiting: {first} Fail over, or not; {second} Tell customers.")


def test_where_no_runbook_waits_it_points_to_the_other_decisions(incident, ana, now):
    assert refused(incident, ana, now, "/critical go") == (
        "No runbook waits for a decision here; /decide writes down any other."
    )


def test_completion_lists_what_each_command_takes(incident, ana, now, numbers):
    note = post_line(incident, by=ana, now=now, line="errors rise").entry

    assert offered(incident, ana.user, "/critical ") == [
        (f"/critical {numbers[0]} ", "Fail over, or not"),
        (f"/critical {numbers[1]} ", "Tell customers"),
    ]
    assert offered(incident, ana.user, "/pin ") == [(f"/pin {note.number} ", "errors rise")]
    assert [insert for insert, _ in offered(incident, ana.user, "/")] == [f"/{name} " for name in COMMANDS]
