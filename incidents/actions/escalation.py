"""The matrix: who hears of it when it lasts, when a flag goes up, when much revenue is lost; each rule once."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import MUSTER
from core.moments import parse_duration
from incidents.actions.lock import lock_incident
from incidents.actions.paging import ring_policies
from incidents.actions.timeline import write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, IncidentStatus
from incidents.models import EscalationRule, Incident, IncidentEscalation
from incidents.queries.matrix import MatrixFacts, facts_of_declaration, matrix_facts
from incidents.states import OPEN

logger = logging.getLogger(__name__)


def arm_matrix(incident: Incident, *, now: datetime, rules: Iterable[EscalationRule]) -> None:
    """The `rules` by time of an incident that is being declared: one row each; no flag is up, no amount known yet."""
    facts = facts_of_declaration(incident)
    due = [(rule, due_at) for rule in rules if (due_at := _due_at(incident, rule, facts, now))]
    IncidentEscalation.objects.bulk_create(
        IncidentEscalation(incident=incident, rule=rule, due_at=due_at) for rule, due_at in due
    )


def apply_matrix(incident: Incident, *, now: datetime) -> None:
    """Hold the whole matrix against the locked incident as it stands now: its level, its flags, its amount.

    What has become true is rung at once; what will is a row with its moment; what no longer can is withdrawn, and
    comes back when it can again. What has fired never fires again. The level is the one that has taken effect: a
    raise that can still be taken back arms nothing and withdraws nothing.
    """
    rules = list(EscalationRule.objects.filter(version=incident.level.version_id))
    if not rules:
        return
    rows = {row.rule_id: row for row in incident.escalations.all()}
    facts = matrix_facts(incident)
    for rule in rules:
        row = rows.get(rule.pk) or IncidentEscalation(incident=incident, rule=rule)
        due_at = _due_at(incident, rule, facts, now)
        if row.fired_at or (due_at is None and row.pk is None):
            continue
        row.rule = rule
        row.due_at, row.withdrawn_at = due_at or row.due_at, None if due_at else row.withdrawn_at or now
        row.save()
        if due_at and due_at <= now:
            _fire(incident, row, now=now)
    announce_change(incident, "facts")


def _due_at(incident: Incident, rule: EscalationRule, facts: MatrixFacts, now: datetime) -> datetime | None:
    """When `rule` is to fire as things stand, or None: never.

    By time it counts from when the incident came to the levels of the rule and stayed there, or was reopened.
    """
    if incident.status == IncidentStatus.CLOSED or (rule.levels and facts.level not in rule.levels):
        return None
    if rule.unresolved_after:
        after = parse_duration(rule.unresolved_after)
        return facts.since(rule.levels) + after if incident.status in OPEN else None
    if rule.flag:
        return now if rule.flag in facts.flags else None
    is_over = rule.revenue_over is not None and (incident.revenue_amount or 0) > rule.revenue_over
    return now if is_over else None


def withdraw_matrix(incident: Incident, *, now: datetime) -> int:
    """It is over: nothing of the matrix fires any more. How many rows waited. The incident is locked."""
    return incident.escalations.waiting().update(withdrawn_at=now)


def due_escalations(now: datetime) -> QuerySet[Any]:
    """Rows of the matrix whose moment has come."""
    return IncidentEscalation.objects.waiting().filter(due_at__lte=now)


def fire_due_escalations(*, now: datetime) -> int:
    """Ring for every rule whose moment has come, each in its own commit; how many fired.

    One that fails is logged and tried again at the next tick.
    """
    fired = 0
    for pk in due_escalations(now).order_by("due_at", "pk").values_list("pk", flat=True):
        try:
            fired += _fire_due(pk, now=now)
        except Exception:  # one row must never stop the others: it stays due and its trace is kept
            logger.exception("The escalation %s could not fire; the next tick tries again.", pk)
    return fired


@transaction.atomic
def _fire_due(pk: int, *, now: datetime) -> bool:
    incident = lock_incident(IncidentEscalation.objects.select_related("incident").get(pk=pk).incident)
    row = incident.escalations.waiting().filter(pk=pk, due_at__lte=now).select_related("rule").first()
    if row is None:
        return False
    if incident.status not in OPEN:
        withdraw_matrix(incident, now=now)
        return False
    _fire(incident, row, now=now)
    return True


def _fire(incident: Incident, row: IncidentEscalation, *, now: datetime) -> None:
    """Ring every policy of the rule with what is expected of it, and say so. A policy that is gone is said aloud."""
    rule = row.rule
    row.fired_at = now
    row.save(update_fields=["fired_at"])
    expected = f": {rule.expected.rstrip('.')}" if rule.expected else ""
    text = f"**Escalated: {rule.name}.** {', '.join(rule.policies)} {'are' if len(rule.policies) > 1 else 'is'} rung"
    facts = {"rule": rule.name, "policies": rule.policies}
    write_entry(incident, by=MUSTER, now=now, text=text + expected, kind=EntryKind.PAGE, facts=facts)
    body = f"{rule.name}." + (f" What is expected of you{expected}." if expected else "")
    ring_policies(incident, rule.policies, by=MUSTER, now=now, why=rule.name, body=body)
    announce_change(incident, "owed", "facts")
