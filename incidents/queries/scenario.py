"""Flags, the matrix and runbooks as the room shows them: columns of the incident's own query."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject

from core.moments import parse_duration
from incidents.enums import PromiseKind
from incidents.models import (
    CriticalDecision,
    EscalationRule,
    Flag,
    Incident,
    IncidentEscalation,
    IncidentFlag,
    IncidentRunbook,
    Promise,
    QuickAction,
    Runbook,
)
from incidents.owed import Question
from incidents.queries.policy import VersionRows

# What an action item about a runbook is called among the promises: one that was taken up, and one to be written.
RUNBOOK = "runbook:"
RUNBOOK_TO_WRITE = "runbook-to-write"
ASKED_AT_WORST = 2  # a flag's question is asked at so many of the worst levels


def critical_decisions(incident: Incident) -> dict[str, str]:
    """What runbooks wait for in `incident`, the most urgent first: {number of the decision: what is asked}."""
    rows = incident.promises.undone().filter(kind=PromiseKind.CRITICAL).order_by("due_at", "pk")
    return {
        key.partition(":")[2]: subject.removeprefix("Decide: ")
        for key, subject in rows.values_list("subject_key", "subject")
    }


@dataclass(frozen=True)
class FlagRow:
    """A flag of the ladder: whether it is up, and since when."""

    slug: str
    name: str
    question: str
    makes_private: bool
    is_up: bool
    since: datetime | None
    by: str


@dataclass(frozen=True)
class Waiting:
    """A rule of the matrix that will fire: who is rung at `due_at`, `left` from now, and what is expected of them."""

    name: str
    who: str
    expected: str
    due_at: datetime
    left: timedelta


@dataclass(frozen=True)
class RunbookRow:
    """A runbook, taken up or not. `idle_until`: there is nothing to do before, unless it gets worse."""

    runbook: Runbook
    actions: list[QuickAction]
    decisions: list[CriticalDecision]
    taken_up_at: datetime | None
    taken_up_by: str
    was_new: bool
    idle_until: datetime | None


@dataclass(frozen=True)
class Scenario:
    """What the policy says about this kind of incident, and how far it is."""

    flags: list[FlagRow]
    waiting: list[Waiting]
    runbooks: list[RunbookRow]
    others: list[Runbook]

    @property
    def up(self) -> list[FlagRow]:
        """Flags that are up."""
        return [flag for flag in self.flags if flag.is_up]


def columns_of_scenario() -> dict[str, Any]:
    """What an incident is annotated with so that `scenario_of` asks nothing more."""
    return {
        **columns_of_flags(),
        "matrix": ArraySubquery(_matrix()),
        "taken_up": ArraySubquery(_taken_up()),
        "is_runbook_noted": Exists(
            Promise.objects.filter(incident=OuterRef("pk"), kind=PromiseKind.ACTION_ITEM, subject_key=RUNBOOK_TO_WRITE)
        ),
    }


def columns_of_flags() -> dict[str, Any]:
    """What an incident is annotated with so that `questions_of` asks nothing more."""
    return {"flags_said": ArraySubquery(_said())}


def questions_of(incident: Any, policy: VersionRows) -> list[Question]:
    """The questions of flags that nobody has answered, at a level that is asked, in the ladder's order. No query."""
    if incident.level_id not in [level.pk for level in policy.levels[:ASKED_AT_WORST]]:
        return []
    said = {row["flag"] for row in incident.flags_said}
    flags = (flag for flag in policy.version.flags.all() if flag.question and flag.slug not in said)
    return [Question(flag.slug, flag.question, flag.asked) for flag in flags]


def scenario_of(incident: Any, policy: VersionRows, now: datetime, services: Collection[str]) -> Scenario:
    """Flags, the matrix and the runbooks of an incident that was fetched with `columns_of_scenario`. No query.

    `services` are the slugs of those that are affected.
    """
    said: dict[str, dict[str, Any]] = {row["flag"]: row for row in incident.flags_said}  # the newest comes last
    taken: dict[int, dict[str, Any]] = {row["runbook"]: row for row in incident.taken_up}
    rules = {rule.pk: rule for rule in policy.version.escalations.all()}
    runbooks = [_runbook_row(incident, row, taken.get(row.pk), now) for row in policy.version.runbooks.all()]
    pinned = [row for row in runbooks if row.taken_up_at or _is_pinned(incident, row.runbook, services)]
    flags = policy.version.flags.all()
    return Scenario(
        flags=[_flag_row(flag, said.get(flag.slug)) for flag in flags],
        waiting=[_waiting(rules[row["rule"]], row["due_at"], now) for row in incident.matrix],
        runbooks=sorted(pinned, key=lambda row: row.taken_up_at is None),
        others=[row.runbook for row in runbooks if row not in pinned],
    )


def _said() -> Any:
    fields = JSONObject(flag="flag", raised_at="raised_at", lowered_at="lowered_at", by="raised_by__handle")
    return IncidentFlag.objects.filter(incident=OuterRef("pk")).order_by("pk").values(found=fields)


def _matrix() -> Any:
    rows = IncidentEscalation.objects.waiting().filter(incident=OuterRef("pk")).order_by("due_at", "pk")
    return rows.values(found=JSONObject(rule="rule_id", due_at="due_at"))


def _taken_up() -> Any:
    rows = IncidentRunbook.objects.filter(incident=OuterRef("pk"))
    fields = {"runbook": "runbook_id", "at": "taken_up_at", "by": "taken_up_by__handle", "was_new_at": "was_new_at"}
    return rows.values(found=JSONObject(**fields))


def _flag_row(flag: Flag, said: Mapping[str, Any] | None) -> FlagRow:
    is_up = said is not None and said["raised_at"] is not None and said["lowered_at"] is None
    return FlagRow(
        slug=flag.slug,
        name=flag.name,
        question=flag.question,
        makes_private=flag.makes_private,
        is_up=is_up,
        since=datetime.fromisoformat(said["raised_at"]) if said and is_up else None,
        by=f"@{said['by']}" if said and is_up and said["by"] else "",
    )


def _waiting(rule: EscalationRule, moment: str, now: datetime) -> Waiting:
    due_at = datetime.fromisoformat(moment)
    return Waiting(rule.name, ", ".join(rule.policies), rule.expected, due_at, due_at - now)


def _runbook_row(incident: Incident, runbook: Runbook, taken: Mapping[str, Any] | None, now: datetime) -> RunbookRow:
    idle = act_at(incident, runbook) if runbook.act_after else None
    return RunbookRow(
        runbook=runbook,
        actions=list(runbook.actions.all()),
        decisions=list(runbook.decisions.all()),
        taken_up_at=datetime.fromisoformat(taken["at"]) if taken else None,
        taken_up_by=f"@{taken['by']}" if taken and taken["by"] else "",
        was_new=bool(taken and taken["was_new_at"]),
        idle_until=idle if idle and idle > now else None,
    )


def act_at(incident: Incident, runbook: Runbook) -> datetime:
    """Until when there is nothing to do by a runbook that says so: so long after it began to hurt, or was declared."""
    return (incident.impact_began_at or incident.declared_at) + parse_duration(runbook.act_after)


def _is_pinned(incident: Incident, runbook: Runbook, services: Collection[str]) -> bool:
    """By the level, or by an affected service."""
    return incident.level.name in runbook.levels or bool(set(services) & set(runbook.services))
