"""What people, and the worker, do in an incident: by name, each one call of an action."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from accounts.actor import Actor
from accounts.models import User
from escalation.actions.page import acknowledge_page
from escalation.models import Page
from incidents.actions.audience import let_in, make_private, make_public
from incidents.actions.checklist.check import fail_check, set_not_applicable, tick_item, untick_item
from incidents.actions.command import sweep_command
from incidents.actions.decision import answer_decision, make_decision
from incidents.actions.escalation import fire_due_escalations
from incidents.actions.flag import lower_flag, raise_flag
from incidents.actions.handover import accept_handover, decline_handover, give_role, offer_handover, take_back_handover
from incidents.actions.new_failure import finish_runbook_update, note_new_failure
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.public_word import tell_public
from incidents.actions.reopen import reopen_incident
from incidents.actions.responder import join_incident, leave_incident
from incidents.actions.role import assign_role
from incidents.actions.runbook import decide, take_up_runbook
from incidents.actions.severity import change_level, settle_due_changes, take_back_change
from incidents.actions.status import (
    change_status,
    close_as_no_incident,
    close_incident,
    fail_watch,
    resolve_incident,
    stop_bleeding,
)
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.actions.sub_team import set_sub_team
from incidents.actions.task import finish_task, give_task
from incidents.actions.vacancy import leave_role
from incidents.enums import DecisionOutcome, IncidentStatus, ItemKind, PromiseKind
from incidents.models import Handover, Incident

# act(incident, by, user, now): `by` does it, to or with `user` where somebody else has a part in it.
Act = Callable[[Incident, Actor, User, datetime], Any]
ROLES = ("commander", "comms", "scribe", "investigator")
SOON = timedelta(minutes=10)


def of(action: Callable[..., Any], **given: Any) -> Act:
    """An action that takes nothing else from the story."""
    return lambda incident, by, user, now: action(incident, by=by, now=now, **given)


def to_level(name: str) -> Act:
    def act(incident: Incident, by: Actor, user: User, now: datetime) -> None:
        found = incident.level.version.levels.get(name=name)
        change_level(incident, by=by, now=now, level=found, reason="looked again")

    return act


def of_role(action: Callable[..., Any], role: str) -> Act:
    return lambda incident, by, user, now: action(incident, by=by, now=now, role=role, user=user)


def take(role: str) -> Act:
    def act(incident: Incident, by: Actor, user: User, now: datetime) -> None:
        held = incident.role_assignments.filter(role=role, ended_at__isnull=True).first()
        assign_role(incident, by=by, now=now, role=role, user=by.user, takes_from=held.user if held else None)

    return act


def answer_offer(action: Callable[..., Any]) -> Act:
    def act(incident: Incident, by: Actor, user: User, now: datetime) -> None:
        for offer in Handover.objects.filter(incident=incident).order_by("-number")[:1]:
            action(offer, by=by, now=now)

    return act


def answer_page(incident: Incident, by: Actor, user: User, now: datetime) -> None:
    for page in Page.objects.filter(subject_key=incident.subject_key).order_by("-pk")[:1]:
        acknowledge_page(page, by=by, now=now)


def mark(action: Callable[..., Any], kind: str, **given: Any) -> Act:
    """What is said of the first item of the checklist that is a step, or a check."""

    def act(incident: Incident, by: Actor, user: User, now: datetime) -> None:
        for item in incident.checklist.filter(item__kind=kind).order_by("number")[:1]:
            action(incident, by=by, now=now, number=item.number, **given)

    return act


def decide_first(incident: Incident, by: Actor, user: User, now: datetime) -> None:
    for promise in incident.promises.filter(kind=PromiseKind.CRITICAL).order_by("-pk")[:1]:
        decide(incident, by=by, now=now, decision=promise.subject_key, text="We fail over")


def sweep(incident: Incident, by: Actor, user: User, now: datetime) -> None:
    """What the worker does with each tick."""
    settle_due_changes(now=now)
    sweep_promises(now=now)
    sweep_command(now=now)
    fire_due_escalations(now=now)


STEPS: dict[str, Act] = {
    **{f"step to {status}": of(change_status, status=status) for status in ("investigating", "identified")},
    "step to monitoring": of(change_status, status=IncidentStatus.MONITORING),
    "stop": of(stop_bleeding),
    "resolve": of(resolve_incident),
    "resolve with a reason": of(resolve_incident, reason="enough"),
    "it is back": of(fail_watch, reason="it is back"),
    "close": of(close_incident),
    "close with a reason": of(close_incident, reason="quiet"),
    "no incident": of(close_as_no_incident),
    "reopen": of(reopen_incident, reason="it came back"),
    "to SEV1": to_level("SEV1"),
    "to SEV2": to_level("SEV2"),
    "to SEV3": to_level("SEV3"),
    "take the change back": of(take_back_change),
    "sweep": sweep,
}
PEOPLE: dict[str, Act] = {
    **{f"give {role}": of_role(give_role, role) for role in ROLES},
    **{f"leave {role}": of_role(leave_role, role) for role in ROLES},
    "take command": take("commander"),
    "take comms": take("comms"),
    "offer": lambda incident, by, user, now: offer_handover(incident, by=by, now=now, role="commander", to=user),
    "offer comms": lambda incident, by, user, now: offer_handover(incident, by=by, now=now, role="comms", to=user),
    "accept": answer_offer(accept_handover),
    "decline": answer_offer(decline_handover),
    "take back": answer_offer(take_back_handover),
    "join": of(join_incident),
    "go": of(leave_incident),
    "team": lambda incident, by, user, now: set_sub_team(incident, by=by, now=now, name="db", people=[user]),
    "answer": answer_page,
    "make private": of(make_private, reason="customers are named"),
    "make public": of(make_public, reason="nobody is named"),
    "let in": lambda incident, by, user, now: let_in(incident, by=by, now=now, user=user, reason="helps"),
}
WORK: dict[str, Act] = {
    **{f"raise {flag}": of(raise_flag, flag=flag) for flag in ("api", "breach")},
    **{f"lower {flag}": of(lower_flag, flag=flag) for flag in ("api", "breach")},
    **{f"work by {runbook}": of(take_up_runbook, runbook=runbook) for runbook in ("database", "leak")},
    "new failure": of(note_new_failure, runbook="database"),
    "runbook written": of(finish_runbook_update, runbook="database"),
    "decide": decide_first,
    "tick step": mark(tick_item, ItemKind.STEP),
    "tick check": mark(tick_item, ItemKind.CHECK),
    "check fails": mark(fail_check, ItemKind.CHECK, note="it climbs"),
    "check does not apply": mark(set_not_applicable, ItemKind.CHECK, note="no traffic"),
    "untick check": mark(untick_item, ItemKind.CHECK),
    "update": of(post_status_update, text="We look into it"),
    "update and step": of(post_status_update, text="It is the deploy", status="identified"),
    "no change": of(post_no_change),
    "tell the public": of(tell_public, text="We look into it"),
    "task": lambda incident, by, user, now: give_task(
        incident, by=by, now=now, text="Roll back", owner=user, due_at=now + SOON
    ),
    "task done": of(finish_task, number=1),
    "decision": lambda incident, by, user, now: make_decision(
        incident, by=by, now=now, text="We wait", check_at=now + SOON
    ),
    "decision worked": of(answer_decision, number=1, outcome=DecisionOutcome.WORKED),
}
ACTS = {**STEPS, **PEOPLE, **WORK}
# Acts that lead to each other: a story is told with some of these families.
FAMILIES: tuple[tuple[str, ...], ...] = (
    ("resolve with a reason", "close with a reason", "reopen", "it is back", "close"),
    ("stop", "resolve", "it is back", "step to identified", "tick check", "check fails", "check does not apply"),
    ("to SEV1", "to SEV2", "to SEV3", "take the change back", "stop", "resolve"),
    (
        "step to investigating",
        "step to identified",
        "step to monitoring",
        "update and step",
        "untick check",
        "tick step",
    ),
    ("take command", "offer", "accept", "decline", "take back", "leave commander", "give commander"),
    ("give comms", "take comms", "offer comms", "accept", "leave comms", "leave scribe", "give scribe"),
    ("take command", "make private", "make public", "let in", "raise breach", "lower breach", "task"),
    ("work by database", "work by leak", "decide", "new failure", "runbook written", "resolve with a reason"),
    ("task", "task done", "decision", "decision worked", "update", "no change", "tell the public"),
    ("join", "go", "team", "answer", "give investigator", "leave investigator", "make private"),
    ("raise api", "lower api", "no incident", "reopen", "tell the public"),
)
# What a closed record still takes: who was rung may still answer their page, and that they did is a fact.
OF_A_CLOSED_RECORD = {"answer", "reopen", "sweep", "runbook written"}
