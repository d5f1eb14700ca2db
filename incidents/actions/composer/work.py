"""Commands about the work: tasks, hypotheses, decisions, mitigations, runbooks, items, what is kept in sight."""

from datetime import datetime

from accounts.actor import Actor
from core.errors import InvalidInput
from incidents.actions.checklist.check import fail_check, tick_item
from incidents.actions.composer.words import find_person, split_number, split_within, until, words_of
from incidents.actions.decision import make_decision
from incidents.actions.hypothesis import add_hypothesis
from incidents.actions.mitigation import start_mitigation
from incidents.actions.reading import pin_entry
from incidents.actions.runbook import decide, take_up_runbook
from incidents.actions.task import give_task
from incidents.actions.timeline import add_entry
from incidents.enums import EntryKind
from incidents.models import Incident
from incidents.queries.scenario import critical_decisions


def task(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`@jens 10m roll back`: one line for one person."""
    name, _, rest = rest.partition(" ")
    if not name.startswith("@"):
        raise InvalidInput(
            "Write /task, the person, and what is to do: /task @jens 10m roll back to 1.4.", field="line"
        )
    owner = find_person(name)
    due_at, text = split_within(rest, by=by, now=now)
    give_task(incident, by=by, now=now, text=text, owner=owner, due_at=due_at)
    return f"{owner} is asked{until(due_at)}."


def hypothesis(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """What may be behind it."""
    add_hypothesis(incident, by=by, now=now, text=rest)
    return "Put forward."


def decision(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`10m words`: looked at again after the minutes."""
    check_at, text = split_within(rest, by=by, now=now)
    make_decision(incident, by=by, now=now, text=text, check_at=check_at)
    return f"Written down; looked at again{until(check_at)}." if check_at else "Written down."


def critical(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`17 words`: what was decided of what a runbook asks; the number may be left out where one alone is owed."""
    owed = critical_decisions(incident)
    if not owed:
        raise InvalidInput("No runbook waits for a decision here; /decide writes down any other.", field="line")
    word, _, text = rest.partition(" ")
    if word not in owed and len(owed) == 1:
        (word,), text = owed, rest
    if word not in owed or not text.strip():
        known = "; ".join(f"{number} {asked}" for number, asked in owed.items())
        raise InvalidInput(f"Write /critical, its number and what was decided. Waiting: {known}.", field="line")
    decide(incident, by=by, now=now, decision=f"critical:{word}", text=text)
    return f"Decided: {owed[word]}."


def fix(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`/fix rollback release=api revision=4` takes one of the catalogue, anything else is in the writer's words."""
    word, _, tail = rest.strip().partition(" ")
    known = {row.slug for row in incident.level.version.mitigations.all()}
    if word not in known:
        row = start_mitigation(incident, by=by, now=now, name=rest)
    else:
        values = dict(part.split("=", 1) for part in words_of(tail) if "=" in part)
        row = start_mitigation(incident, by=by, now=now, option=word, values=values)
    return f"Begun: {row.name}." if row else "Begun already."


def runbook(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """Take up the runbook of a scenario."""
    return f"Took up the runbook: {take_up_runbook(incident, by=by, now=now, runbook=rest).runbook}."


def tick(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`3 note`: done, or seen."""
    number, note = split_number(rest)
    return f"Ticked: {tick_item(incident, by=by, now=now, number=number, note=note)}."


def failed(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`3 what was seen`: it does not hold."""
    number, note = split_number(rest)
    return f"Failed: {fail_check(incident, by=by, now=now, number=number, note=note)}."


def pin(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`12` puts that entry on top, words are noted and put on top, and nothing means the writer's newest note."""
    number = int(rest) if rest.isdecimal() and len(rest) < 9 else None
    if rest and number is None:
        number = add_entry(incident, by=by, now=now, text=rest).number
    if number is None:
        own = incident.entries.filter(author=by.user, kind__in=[EntryKind.NOTE, EntryKind.CORRECTION])
        number = own.order_by("-number").values_list("number", flat=True).first()
    if number is None:
        raise InvalidInput("You have written no note here; write /pin and words, or an entry's number.", field="line")
    pin_entry(incident, by=by, now=now, number=number)
    return f"Pinned: entry {number}."
