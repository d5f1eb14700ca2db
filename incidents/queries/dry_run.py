"""The dry run at a level of the ladder: who would be told when, by what, before anybody declares."""

from dataclasses import dataclass
from datetime import datetime

from escalation.models import Policy, Service
from escalation.queries.dry_run import DryRun, dry_run
from escalation.queries.policy import NOTHING, LevelWants, snapshot_of
from incidents.models import Level
from incidents.queries.paging import policy_of_group


@dataclass(frozen=True)
class GroupRun:
    """One group that the level pages: its policy and what would happen, or why nobody would be rung."""

    group: str
    policy: Policy | None
    why_not: str
    run: DryRun


def dry_run_of_level(level: Level, service: Service | None, at: datetime) -> list[GroupRun]:
    """What a declaration of `level` at `at` would ring, a page for each group. About fifteen queries a group."""
    found = []
    for group in level.pages.all():
        policy, why_not = policy_of_group(group, level=level, service=service)
        wants = wants_of(level, answers_needed=group.answers_needed)
        run = dry_run_of_policy(policy, level=level, at=at, wants=wants) if policy else DryRun([])
        found.append(GroupRun(group.group, policy, why_not, run))
    return found


def dry_run_of_policy(policy: Policy, *, level: Level | None, at: datetime, wants: LevelWants | None = None) -> DryRun:
    """What a page of `policy` begun at `at` would ring, at `level` or at any. No role of an incident is held yet."""
    wants = wants or (wants_of(level) if level else NOTHING)
    return dry_run(snapshot_of(policy, wants), at=at, level_rank=level.rank if level else None)


def wants_of(level: Level, *, answers_needed: int = 1) -> LevelWants:
    """What `level` wants where a policy is silent."""
    target = level.acknowledge_target
    return LevelWants(
        acknowledge_within=target.duration if target else None,
        silent_after=level.silence,
        rings_until_answered=level.rings_until_answered,
        answers_needed=answers_needed,
    )
