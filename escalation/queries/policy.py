"""Reads a policy as data, for the page that keeps it and for the preview."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from accounts.models import User
from core.prepared import Prepared, among_keys
from escalation.enums import HoursRule, TargetKind, UnmetRule
from escalation.models import BusinessHours, Policy, PolicyStep, StepTarget
from escalation.plan import (
    DEFAULT_WAIT,
    ConditionSnapshot,
    HoursSnapshot,
    PolicySnapshot,
    StepSnapshot,
    TargetSnapshot,
)


@dataclass(frozen=True)
class LevelWants:
    """What a level wants of a policy where it is silent: how long a step waits before the next one, after which
    silence of whoever answered it rings anew, whether it begins from the top until somebody answers, how many must."""

    acknowledge_within: timedelta | None = None
    silent_after: timedelta | None = None
    rings_until_answered: bool = False
    answers_needed: int = 1


NOTHING = LevelWants()


def snapshot_of(policy: Policy, wants: LevelWants = NOTHING) -> PolicySnapshot:
    """`policy` as it is now, in one query, completed by what the level `wants`."""
    return snapshots_of([(policy, wants)])[0]


def snapshots_of(asked: Sequence[tuple[Policy, LevelWants]]) -> list[PolicySnapshot]:
    """Each policy as it is now, completed by what its level wants; in one query, however many.

    A step's wait is its own, else the level's, else 5 minutes; the policy's own span of silence goes before the
    level's; it rings until it is answered where either says so, and the greater number of answers counts.
    """
    keys = sorted({policy.pk for policy, _ in asked})
    of_policy: dict[int, list[PolicyStep]] = {}
    for step in STEPS.rows(policies=keys) if keys else []:
        of_policy.setdefault(step.policy_id, []).append(step)
    return [_snapshot(policy, of_policy.get(policy.pk, []), wants) for policy, wants in asked]


TARGET = {
    **{field: field for field in ("kind", "user", "schedule", "turn", "team", "role", "url")},
    "schedule_name": "schedule__name",
    "team_name": "team__name",
}


def _steps() -> QuerySet[PolicyStep]:
    """The steps of policies in their order, each with its targets in theirs."""
    targets = StepTarget.objects.filter(step=OuterRef("pk")).order_by("pk").values(found=JSONObject(**TARGET))
    steps = PolicyStep.objects.filter(among_keys("policy", "policies")).select_related("hours").order_by("position")
    return steps.annotate(aims=ArraySubquery(targets))


STEPS = Prepared(_steps)


def _snapshot(policy: Policy, steps: Iterable[PolicyStep], wants: LevelWants) -> PolicySnapshot:
    return PolicySnapshot(
        name=policy.name,
        steps=tuple(_step(step, _seconds(wants.acknowledge_within)) for step in steps),
        repeats=policy.repeats,
        last_resort=policy.last_resort_id,
        answers_needed=max(policy.answers_needed, wants.answers_needed),
        rings_until_answered=policy.rings_until_answered or wants.rings_until_answered,
        silent_seconds=_silence(wants) if policy.silent_after_seconds is None else policy.silent_after_seconds,
    )


def snapshot_of_people(people: Sequence[User], wants: LevelWants = NOTHING) -> PolicySnapshot:
    """A page by hand: one step that rings `people`, each once."""
    targets = tuple(
        TargetSnapshot(kind=TargetKind.PERSON, key=user.pk, label="paged by hand") for user in dict.fromkeys(people)
    )
    return PolicySnapshot(
        name="by hand",
        steps=(StepSnapshot(targets=targets, wait_seconds=_seconds(wants.acknowledge_within)),),
        answers_needed=wants.answers_needed,
        rings_until_answered=wants.rings_until_answered,
        silent_seconds=_silence(wants),
    )


def _silence(wants: LevelWants) -> int | None:
    return int(wants.silent_after.total_seconds()) if wants.silent_after else None


def _seconds(wait: timedelta | None) -> int:
    return int((wait or DEFAULT_WAIT).total_seconds())


def _step(step: PolicyStep, otherwise: int) -> StepSnapshot:
    wait = otherwise if step.wait_seconds is None else step.wait_seconds
    return StepSnapshot(
        targets=tuple(_target(**target) for target in step.aims),  # type: ignore[attr-defined]
        wait_seconds=wait,
        condition=condition_of(step),
        answers_needed=step.answers_needed or 0,
    )


def condition_of(step: PolicyStep) -> ConditionSnapshot:
    """When `step` is rung at all."""
    return ConditionSnapshot(
        worst_rank=step.worst_rank,
        mildest_rank=step.mildest_rank,
        hours=_hours(step.hours, step.hours_rule) if step.hours else None,
        more_than=step.more_than,
        within_seconds=step.within_seconds or 0,
        waits=step.if_not_met == UnmetRule.WAIT,
    )


def _hours(hours: BusinessHours, rule: str) -> HoursSnapshot:
    return HoursSnapshot(
        name=hours.name,
        zone=hours.time_zone,
        workdays=tuple(hours.workdays),
        holidays=tuple(day.isoformat() for day in hours.holidays),
        opens_at=hours.opens_at.isoformat(),
        closes_at=hours.closes_at.isoformat(),
        inside=rule == HoursRule.INSIDE,
    )


def _target(
    *,
    kind: str,
    user: int | None,
    schedule: int | None,
    turn: int,
    team: int | None,
    role: str,
    url: str,
    schedule_name: str | None,
    team_name: str | None,
) -> TargetSnapshot:
    """One target, with where the person comes from in words for the record."""
    key: Any = user or schedule or team or role or url
    match kind:
        case TargetKind.ON_CALL if turn:
            label = f"{'next' if turn == 1 else f'{turn} turns on'} on call in {schedule_name}"
        case TargetKind.ON_CALL:
            label = f"on call in {schedule_name}"
        case TargetKind.TEAM:
            label = f"in the team {team_name}"
        case TargetKind.ROLE:
            label = f"holds the role {role}"
        case TargetKind.WEBHOOK:
            label = f"webhook {url}"[:200]
        case _:
            label = "named in the step"
    return TargetSnapshot(kind=kind, key=key, label=label, turn=turn)
