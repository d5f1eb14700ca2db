"""Reads a policy as data, for the page that keeps it and for the preview."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from accounts.models import User
from escalation.enums import TargetKind
from escalation.models import Policy, PolicyStep, StepTarget
from escalation.plan import DEFAULT_WAIT, PolicySnapshot, StepSnapshot, TargetSnapshot


def snapshot_of(policy: Policy, acknowledge_within: timedelta | None = None) -> PolicySnapshot:
    """`policy` as it is now, in two queries. A step's wait is its own, else `acknowledge_within`, else 5 minutes."""
    steps = policy.steps.order_by("position").prefetch_related("targets__user", "targets__schedule", "targets__team")
    otherwise = _seconds(acknowledge_within)
    return PolicySnapshot(
        name=policy.name,
        steps=tuple(_step(step, otherwise) for step in steps),
        repeats=policy.repeats,
        last_resort=policy.last_resort_id,
    )


def snapshot_of_people(people: Sequence[User], acknowledge_within: timedelta | None = None) -> PolicySnapshot:
    """A page by hand: one step that rings `people`, each once."""
    targets = tuple(
        TargetSnapshot(kind=TargetKind.PERSON, key=user.pk, label="paged by hand") for user in dict.fromkeys(people)
    )
    step = StepSnapshot(targets=targets, wait_seconds=_seconds(acknowledge_within))
    return PolicySnapshot(name="by hand", steps=(step,))


def _seconds(wait: timedelta | None) -> int:
    return int((wait or DEFAULT_WAIT).total_seconds())


def _step(step: PolicyStep, otherwise: int) -> StepSnapshot:
    wait = otherwise if step.wait_seconds is None else step.wait_seconds
    return StepSnapshot(targets=tuple(_target(target) for target in step.targets.all()), wait_seconds=wait)


def _target(target: StepTarget) -> TargetSnapshot:
    key: Any = target.user_id or target.schedule_id or target.team_id or target.role or target.url
    return TargetSnapshot(kind=target.kind, key=key, label=_label(target), turn=target.turn)


def _label(target: StepTarget) -> str:
    """Where the person comes from, in words for the record."""
    match target.kind:
        case TargetKind.ON_CALL if target.turn:
            place = "next" if target.turn == 1 else f"{target.turn} turns on"
            return f"{place} on call in {target.schedule}"
        case TargetKind.ON_CALL:
            return f"on call in {target.schedule}"
        case TargetKind.TEAM:
            return f"in the team {target.team}"
        case TargetKind.ROLE:
            return f"holds the role {target.role}"
        case TargetKind.WEBHOOK:
            return f"webhook {target.url}"[:200]
    return "named in the step"
