"""Flags, the matrix and runbooks as the room shows them: columns of the incident's own query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from core.moments import parse_duration
from incidents.enums import PromiseKind
from incidents.models import (
    CriticalDecision,
    Flag,
    Incident,
    IncidentEscalation,
    IncidentFlag,
    IncidentRunbook,
    Level,
    QuickAction,
    Runbook,
)

RUNBOOK_COLUMNS = (
    *("id", "slug", "name", "symptoms", "level", "levels", "services"),
    *("link", "flag", "pages", "act_after", "customers"),
)
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
    """A flag of the ladder: whether it is up, since when, and whether anybody has answered its question."""

    slug: str
    name: str
    question: str
    makes_private: bool
    is_up: bool
    is_answered: bool
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
    actions: list[dict[str, str]]
    decisions: list[dict[str, str]]
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

    @property
    def question(self) -> FlagRow | None:
        """The first flag whose question nobody has answered."""
        return next((flag for flag in self.flags if flag.question and not flag.is_answered), None)


def columns_of_scenario() -> dict[str, Any]:
    """What an incident is annotated with so that `scenario_of` asks nothing more."""
    return {
        "flags_known": ArraySubquery(_flags()),
        "flags_said": ArraySubquery(_said()),
        "matrix": ArraySubquery(_matrix()),
        "runbooks_known": ArraySubquery(_runbooks()),
    }


def scenario_of(incident: Any, levels: list[Level], now: datetime) -> Scenario:
    """Flags, the matrix and the runbooks of an incident that was fetched with `columns_of_scenario`.

    `levels` are those of its ladder, the worst first. Without a query.
    """
    said: dict[str, dict[str, Any]] = {row["flag"]: row for row in incident.flags_said}  # the newest comes last
    is_asked = incident.is_open and incident.level_id in [level.pk for level in levels[:ASKED_AT_WORST]]
    runbooks = [_runbook_row(incident, row, now) for row in incident.runbooks_known]
    pinned = [row for row in runbooks if row.taken_up_at or _is_pinned(incident, row.runbook)]
    return Scenario(
        flags=[_flag_row(row, said.get(row["slug"]), is_asked=is_asked) for row in incident.flags_known],
        waiting=[_waiting(row, now) for row in incident.matrix],
        runbooks=sorted(pinned, key=lambda row: row.taken_up_at is None),
        others=[row.runbook for row in runbooks if row not in pinned],
    )


def _flags() -> Any:
    fields = JSONObject(slug="slug", name="name", question="question", makes_private="makes_private")
    return Flag.objects.filter(version=OuterRef("level__version")).order_by("position").values(found=fields)


def _said() -> Any:
    fields = JSONObject(flag="flag", raised_at="raised_at", lowered_at="lowered_at", by="raised_by__handle")
    return IncidentFlag.objects.filter(incident=OuterRef("pk")).order_by("pk").values(found=fields)


def _matrix() -> Any:
    rows = IncidentEscalation.objects.waiting().filter(incident=OuterRef("pk")).order_by("due_at", "pk")
    rule = {"name": "rule__name", "policies": "rule__policies", "expected": "rule__expected"}
    return rows.values(found=JSONObject(due_at="due_at", **rule))


def _runbooks() -> Any:
    rows = IncidentRunbook.objects.filter(incident=OuterRef(OuterRef("pk")), runbook=OuterRef("pk"))
    taken = rows.values(found=JSONObject(at="taken_up_at", by="taken_up_by__handle", was_new_at="was_new_at"))
    actions = QuickAction.objects.filter(runbook=OuterRef("pk")).order_by("position")
    decisions = CriticalDecision.objects.filter(runbook=OuterRef("pk")).order_by("position")
    fields = JSONObject(
        taken=ArraySubquery(taken),
        actions=ArraySubquery(actions.values(found=JSONObject(text="text", command="command"))),
        decisions=ArraySubquery(decisions.values(found=JSONObject(text="text", within="within"))),
        **{name: name for name in RUNBOOK_COLUMNS},
    )
    return Runbook.objects.filter(version=OuterRef("level__version")).order_by("position").values(found=fields)


def _flag_row(flag: Mapping[str, Any], said: Mapping[str, Any] | None, *, is_asked: bool) -> FlagRow:
    is_up = said is not None and said["raised_at"] is not None and said["lowered_at"] is None
    return FlagRow(
        **flag,
        is_up=is_up,
        is_answered=said is not None or not is_asked,
        since=datetime.fromisoformat(said["raised_at"]) if said and is_up else None,
        by=f"@{said['by']}" if said and is_up and said["by"] else "",
    )


def _waiting(row: Mapping[str, Any], now: datetime) -> Waiting:
    due_at = datetime.fromisoformat(row["due_at"])
    return Waiting(row["name"], ", ".join(row["policies"]), row["expected"], due_at, due_at - now)


def _runbook_row(incident: Incident, row: Mapping[str, Any], now: datetime) -> RunbookRow:
    runbook = Runbook(**{name: row[name] for name in RUNBOOK_COLUMNS})
    taken = row["taken"][0] if row["taken"] else None
    idle = act_at(incident, runbook) if runbook.act_after else None
    return RunbookRow(
        runbook=runbook,
        actions=row["actions"],
        decisions=row["decisions"],
        taken_up_at=datetime.fromisoformat(taken["at"]) if taken else None,
        taken_up_by=f"@{taken['by']}" if taken and taken["by"] else "",
        was_new=bool(taken and taken["was_new_at"]),
        idle_until=idle if idle and idle > now else None,
    )


def act_at(incident: Incident, runbook: Runbook) -> datetime:
    """Until when there is nothing to do by a runbook that says so: so long after it began to hurt, or was declared."""
    return (incident.impact_began_at or incident.declared_at) + parse_duration(runbook.act_after)


def _is_pinned(incident: Incident, runbook: Runbook) -> bool:
    """By the level, or by the affected service."""
    service = incident.service.slug if incident.service else ""
    return incident.level.name in runbook.levels or service in runbook.services
