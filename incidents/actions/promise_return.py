"""It is back: what its end withdrew, and nobody has done since, is owed again."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from incidents.actions.promise import first_wake_at, make_promise_of_duty
from incidents.actions.public_word import renew_public_promise
from incidents.actions.watchers import announce_change
from incidents.enums import PromiseKind
from incidents.models import Duty, Incident, Promise

# Words never said, decisions on the clock of a runbook, and looking at what was done. The others begin anew, or not.
COMES_BACK = (
    *(PromiseKind.FIRST_UPDATE, PromiseKind.PUBLIC_UPDATE),
    *(PromiseKind.CRITICAL, PromiseKind.DECISION, PromiseKind.MITIGATION),
)
# How the reason begins for which an end withdraws. What was let go by name, to close it, does not come back.
BY_THE_END = ("resolved", "not an incident", "a duplicate of")


def owe_response_again(incident: Incident, *, now: datetime) -> None:
    """What the response owes from now on, in a locked incident that was over and is investigated again.

    What its end withdrew undone comes back. The next update, the brief and the next word to a public that was told
    before are counted from now; before the first words were said those are owed, and no next ones. Writes nothing to
    the timeline.
    """
    back = _bring_back(incident, now=now)
    if PromiseKind.FIRST_UPDATE not in back:
        make_promise_of_duty(incident, PromiseKind.STATUS_UPDATE, now=now)
    make_promise_of_duty(incident, PromiseKind.EXECUTIVE_BRIEF, now=now)
    if incident.public_state:
        renew_public_promise(incident, raised=False, now=now)


def _bring_back(incident: Incident, *, now: datetime) -> set[str]:
    """The kinds that are owed again, each in a row of its own: the withdrawn one stays as it was."""
    old = _withdrawn_by_the_end(incident)
    duties = {duty.kind: duty for duty in Duty.objects.filter(level_id=incident.level_id)} if old else {}
    Promise.objects.bulk_create(_again(promise, duties.get(promise.kind), now=now) for promise in old)
    if old:
        announce_change(incident, "owed")
    return {promise.kind for promise in old}


def _withdrawn_by_the_end(incident: Incident) -> list[Promise]:
    """The newest promise of each kind and key, where an end withdrew it and nobody has answered it since."""
    rows = incident.promises.filter(kind__in=COMES_BACK).select_related("owner").order_by("pk")
    newest = {(row.kind, row.subject_key): row for row in rows}
    done = set(_answered(incident))
    if not incident.may_be_public or incident.public_state:
        done.add((PromiseKind.PUBLIC_UPDATE, ""))
    return [
        row
        for key, row in newest.items()
        if key not in done and row.done_at is None and row.withdrawn_reason.startswith(BY_THE_END)
    ]


def _answered(incident: Incident) -> Iterable[tuple[str, str]]:
    """Decisions and mitigations whose outcome somebody has said, also while it was resolved: (kind, key)."""
    for decision in incident.decisions.exclude(outcome=""):
        yield PromiseKind.DECISION, decision.subject_key
    for mitigation in incident.mitigations.exclude(outcome=""):
        yield PromiseKind.MITIGATION, mitigation.subject_key


def _again(old: Promise, duty: Duty | None, *, now: datetime) -> Promise:
    """Owed by the old moment if that is still to come, else as long from now as it was given at first."""
    is_to_come = old.due_at > now
    due_at = old.due_at if is_to_come else now + max(old.due_at - old.made_at, timedelta(0))
    return Promise(
        incident=old.incident,
        kind=old.kind,
        subject=old.subject,
        subject_key=old.subject_key,
        link=old.link,
        owed_by=old.owed_by,
        owner=old.owner,
        made_at=old.made_at if is_to_come else now,
        due_at=due_at,
        wake_at=first_wake_at(now, due_at, duty),
        escalate_policy=old.escalate_policy,
        escalate_at=due_at if old.escalate_policy else None,
    )
