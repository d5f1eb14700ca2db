"""Scenario runbooks: taken up by one press, and decided on a clock."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import MUSTER, Actor
from core.errors import InvalidInput
from core.moments import parse_duration, show_near
from escalation.models import Page
from incidents.actions.checklist.item import add_runbook_items
from incidents.actions.flag import find_flag, put_up
from incidents.actions.lock import lock_to_act, lock_with_pages
from incidents.actions.paging import ring_policies
from incidents.actions.promise import keep_promise, make_promise
from incidents.actions.timeline import check_text, note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, PromiseKind
from incidents.models import CriticalDecision, Incident, IncidentRunbook, Promise, Runbook
from incidents.queries.scenario import act_at
from incidents.states import OPEN


def find_runbook(incident: Incident, word: str) -> Runbook:
    """The runbook that this incident's ladder calls `word`. Raises InvalidInput, naming those there are."""
    runbooks = list(incident.level.version.runbooks.all())
    for runbook in runbooks:
        if word.lower() in {runbook.slug, runbook.name.lower()}:
            return runbook
    known = ", ".join(runbook.slug for runbook in runbooks) or "none"
    raise InvalidInput(f"There is no runbook “{word[:50]}” here; this ladder has: {known}.", field="runbook")


@transaction.atomic
def take_up_runbook(incident: Incident, *, by: Actor, now: datetime, runbook: str) -> IncidentRunbook:
    """Work by `runbook` from now on; one that was taken up stays as it is.

    In this order: its quick actions, on the checklist; its flag, so that a breach is private before anybody is rung;
    whom it pages, unless that was answered already; its critical decisions, each a promise that escalates by itself.
    Once it is resolved nobody is rung and nothing is to be decided, which the entry says; both begin when it is back.
    Does not change the level. Raises InvalidInput for an unknown runbook, NotAllowed, WrongState for a closed one.
    """
    locked = lock_with_pages(incident, by)
    taken = take_up(locked, find_runbook(locked, runbook), by=by, now=now)
    note_sign_of_life(locked, by=by, now=now)
    return taken


def take_up(incident: Incident, runbook: Runbook, *, by: Actor, now: datetime) -> IncidentRunbook:
    """The taking up itself, on an incident that is locked with its pages."""
    taken, is_new = IncidentRunbook.objects.get_or_create(
        incident=incident, runbook=runbook, defaults={"taken_up_at": now, "taken_up_by": by.user}
    )
    if not is_new:
        return taken
    text = f"Took up the runbook **{runbook.name}**"
    if runbook.act_after and (waits := act_at(incident, runbook)) > now:
        text += f"; there is nothing to do before {show_near(waits, now)} unless it gets worse"
    text += "" if incident.status in OPEN else _not_begun(runbook)
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.RUNBOOK, facts={"runbook": runbook.slug})
    add_runbook_items(incident, runbook, now)
    if runbook.flag:
        put_up(incident, find_flag(incident, runbook.flag), by=by, now=now)
    if incident.status in OPEN:
        _ring(incident, runbook, when="taken up", by=by, now=now)
        _promise_decisions(incident, runbook.decisions.all(), now=now)
    announce_change(incident, "owed", "facts")
    return taken


def _silent(incident: Incident, policies: Sequence[str]) -> list[str]:
    """Those of `policies` that neither ring about the incident, as its flag may have made them, nor were answered.

    What was stopped, because it was over then, rings again.
    """
    standing = Page.objects.about(incident.subject_key).filter(stopped_at__isnull=True, policy__slug__in=policies)
    there = set(standing.values_list("policy__slug", flat=True))
    return [slug for slug in policies if slug not in there]


def _not_begun(runbook: Runbook) -> str:
    """What taking it up does not do once the incident is resolved."""
    rings = "nobody is rung" if runbook.pages else ""
    asked = "no decision is owed before it comes back" if runbook.decisions.exists() else ""
    what = " and ".join(part for part in (rings, asked) if part)
    return f"; it is resolved, so {what}" if what else ""


def begin_runbooks(incident: Incident, *, over_since: datetime | None, by: Actor, now: datetime) -> None:
    """It is back: runbooks that were taken up while it was over, from `over_since` on, begin now, and that is said.

    Their decisions are owed and whom they page is rung, once. The incident is locked. Decisions that were owed before
    are promise_return's, and whom another runbook rang then is for people to ring again.
    """
    owed = incident.promises.filter(kind=PromiseKind.CRITICAL).values_list("subject_key", flat=True)
    known = set(owed)
    asked = CriticalDecision.objects.filter(runbook__in=incident.runbooks.values("runbook")).order_by("runbook", "pk")
    new = [decision for decision in asked if _key_of(decision) not in known]
    _promise_decisions(incident, new, now=now)
    if new:
        named = "; ".join(f"{one.text}, by {show_near(now + parse_duration(one.within), now)}" for one in new)
        text = f"To decide, by a runbook that was taken up while it was over: {named}"
        write_entry(incident, by=by, now=now, text=text, kind=EntryKind.RUNBOOK)
    if over_since is not None:
        waited = incident.runbooks.filter(taken_up_at__gte=over_since).select_related("runbook").order_by("pk")
        for taken in waited:
            _ring(incident, taken.runbook, when="taken up while it was over, and it is back", by=by, now=now)


def _ring(incident: Incident, runbook: Runbook, *, when: str, by: Actor, now: datetime) -> None:
    """Ring whom `runbook` pages, but who rings about it or has answered."""
    body = f"The runbook “{runbook.name}” was {when}." + (f"\n{runbook.link}" if runbook.link else "")
    ring_policies(incident, _silent(incident, runbook.pages), by=by, now=now, why=runbook.name, body=body)


def _key_of(decision: CriticalDecision) -> str:
    return f"critical:{decision.pk}"


def _promise_decisions(incident: Incident, decisions: Iterable[CriticalDecision], *, now: datetime) -> None:
    for decision in decisions:
        due_at, key = now + parse_duration(decision.within), _key_of(decision)
        make_promise(
            incident,
            by=MUSTER,
            now=now,
            kind=PromiseKind.CRITICAL,
            due_at=due_at,
            subject=f"Decide: {decision.text}"[:200],
            owed_by="commander",
            subject_key=key,
            link=f"{incident.get_absolute_url()}?panel=decide&decision={key}#room-panel",
            escalate_policy=decision.escalate_policy,
        )


@transaction.atomic
def decide(incident: Incident, *, by: Actor, now: datetime, decision: str, text: str) -> Promise:
    """Write down what was decided, in one line: the critical decision called `decision` (its key) is kept.

    A late one may be decided too. Raises InvalidInput for no words or a decision that nobody owes, NotAllowed,
    WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    text = " ".join(check_text(text).split())
    promise = locked.promises.undone().filter(kind=PromiseKind.CRITICAL, subject_key=decision).first()
    if promise is None:
        raise InvalidInput("This was decided already, or nobody owes it; see what is owed.", field="decision")
    promise = keep_promise(promise, by=by, now=now)
    asked = promise.subject.removeprefix("Decide: ")
    facts = {"critical": promise.subject_key, "late": promise.broken_at is not None}
    words = f"**Decided:** {text} ({asked})"
    write_entry(locked, by=by, now=now, text=words, kind=EntryKind.DECISION, facts=facts)
    note_sign_of_life(locked, by=by, now=now)
    return promise
