"""A ladder in which everything can happen: a watch before, after and never, flags, runbooks, checks, a matrix."""

import pytest

from accounts.models import User
from incidents.enums import Gate, ItemKind, PromiseKind, WatchOrder
from incidents.models import LadderVersion, Level
from tests.factories.escalation import make_policy
from tests.factories.incidents import (
    ROLES,
    DutyFactory,
    LadderVersionFactory,
    LevelFactory,
    LevelPageFactory,
    RoleDefinitionFactory,
)
from tests.factories.ladder import (
    CriticalDecisionFactory,
    EscalationRuleFactory,
    FlagFactory,
    PhaseFactory,
    PhaseItemFactory,
    QuickActionFactory,
    RunbookFactory,
)

WATCHES = {
    "SEV1": {"watch_order": WatchOrder.BEFORE_RESOLVED, "watch_for": "30 min"},
    "SEV2": {"watch_order": WatchOrder.AFTER_RESOLVED, "watch_for": "30 min"},
    "SEV3": {},
}


@pytest.fixture
def ladder(jens: User, mira: User) -> LadderVersion:
    """SEV1 is watched before “resolved”, SEV2 after it, SEV3 never and owes nothing."""
    make_policy(jens, mira, slug="primary")
    make_policy(mira, slug="legal")
    version: LadderVersion = LadderVersionFactory(default_policy="primary")
    for role, name, kind, several in ROLES:
        RoleDefinitionFactory(version=version, slug=role, name=name, kind=kind, holds_several=several)
    for rank, (name, watch) in enumerate(WATCHES.items(), start=1):
        level = LevelFactory(version=version, name=name, rank=rank, acknowledge_within="5 min", **watch)
        LevelPageFactory(level=level, position=0, group="primary", makes_commander=True)
        if watch:
            _owe(level)
    _ask(version)
    return version


def _owe(level: Level) -> None:
    """Updates, told to the deputy and escalated when they are late, a first public word, a postmortem."""
    late = {"deputy": "deputy", "deputy_after": "5 min", "escalate_policy": "primary", "escalate_after": "10 min"}
    DutyFactory(level=level, position=0, within="15 min", remind_before="5 min", **late)
    DutyFactory(level=level, position=1, kind=PromiseKind.PUBLIC_UPDATE, within="10 min")
    DutyFactory(level=level, position=2, kind=PromiseKind.POSTMORTEM, within="48 h")


def _ask(version: LadderVersion) -> None:
    """Flags, the matrix, two runbooks, a step and a check."""
    FlagFactory(version=version, slug="api", name="The API is concerned")
    FlagFactory(version=version, slug="breach", name="Breach suspected", makes_private=True)
    EscalationRuleFactory(version=version, unresolved_after="20 min", policies=["legal"])
    EscalationRuleFactory(version=version, unresolved_after="", flag="api", policies=["legal"])
    database = RunbookFactory(version=version, slug="database", name="The database fails")
    QuickActionFactory(runbook=database, text="Look for long queries")
    CriticalDecisionFactory(runbook=database, text="Fail over, or not", within="10 min", escalate_policy="primary")
    RunbookFactory(version=version, slug="leak", name="A leak", flag="breach", pages=["legal"])
    verify = PhaseFactory(version=version, position=1, slug="verify", name="Verify")
    PhaseItemFactory(phase=verify, position=1, text="Deploys are looked at")
    PhaseItemFactory(phase=verify, position=2, text="Errors are back", kind=ItemKind.CHECK, holds=Gate.RESOLVE)
