"""The SEV2 of document 000 as rows: resolved at 15:20 in Berlin, its timeline from the status document."""

from datetime import UTC, datetime, timedelta

from accounts.actor import Actor
from incidents.enums import DataIntegrity, EntryKind, IncidentStatus, PromiseKind, RevenueImpact
from incidents.models import Incident
from tests.factories.incidents import (
    IncidentFactory,
    PromiseFactory,
    RoleAssignmentFactory,
    TimelineEntryFactory,
    level_of,
    make_ladder,
)


def berlin(clock: str, day: int = 18) -> datetime:
    """`14:15` of a day of April 2026 in Berlin, which is two hours ahead of UTC then."""
    hour, minute = clock.split(":")
    return datetime(2026, 4, day, int(hour), int(minute), tzinfo=UTC) - timedelta(hours=2)


def make_story(jens: Actor) -> Incident:
    """Resolved at 15:20, commanded by Jens, a postmortem owed within 48 hours."""
    incident = IncidentFactory(
        number=42,
        reference="INC-20260418-0042",
        level=level_of(make_ladder(jens.user), "SEV2"),
        declared_at=berlin("14:23"),
        impact_began_at=berlin("14:15"),
        acknowledged_at=berlin("14:24"),
        mitigated_at=berlin("14:44"),
        resolved_at=berlin("15:20"),
        resolved_by=jens.user,
        status=IncidentStatus.RESOLVED,
        customers="~12 active, filtering the audit trail by `provider=openai`",
        customers_count=12,
        symptom="Chat completions returned 403 “policy_denied”",
        data_integrity=DataIntegrity.NONE,
        revenue=RevenueImpact.NONE,
    )
    RoleAssignmentFactory(incident=incident, user=jens.user, began_at=berlin("14:24"), ended_at=berlin("15:20"))
    muster = {"incident": incident, "author": None}
    by_jens = {"incident": incident, "author": jens.user}
    add = TimelineEntryFactory
    add(**by_jens, kind=EntryKind.DECLARED, happened_at=berlin("14:23"), text="Declared SEV2")
    add(**muster, kind=EntryKind.PAGE, happened_at=berlin("14:23"), text="Rang primary: @jens", facts={"page": "p1"})
    answer = {"page": "p1", "answer": "acknowledged"}
    add(**by_jens, kind=EntryKind.PAGE, happened_at=berlin("14:24"), text="@jens answered primary", facts=answer)
    add(**muster, kind=EntryKind.ROLE, happened_at=berlin("14:24"), text="@jens commands")
    late = berlin("14:26")
    add(**by_jens, happened_at=berlin("14:15"), recorded_at=late, text="Block rate spike begins (per Grafana)")
    step = {"before": "investigating", "after": "identified"}
    add(**by_jens, kind=EntryKind.STATUS, happened_at=berlin("14:29"), text="Identified", facts=step)
    add(**by_jens, happened_at=berlin("14:34"), text="Hotfix PR merged,\ndeploy to **prod** in flight")
    add(**muster, kind=EntryKind.PROMISE, happened_at=berlin("14:53"), text="Next update due")
    PromiseFactory(
        incident=incident,
        kind=PromiseKind.POSTMORTEM,
        made_at=berlin("15:20"),
        due_at=berlin("15:20", day=20),
    )
    return incident
