"""Who would be told when: pure. The engine, the preview and the tests all ask this one `next_step`.

A page carries a snapshot of its policy and stands at (run, step): the step that is rung next, in which pass. Whenever
it wakes, or somebody cannot come, `next_step` says whom to ring now and when to look again. Who stands behind a target
at a moment is asked of `reach`, which the caller fills (escalation.queries.reach), so nothing here reads a row.
"""

from escalation.plan.condition import condition_words, ranks_that_differ
from escalation.plan.preview import Told, after, preview
from escalation.plan.silence import Watch, grace_of, watch
from escalation.plan.snapshot import (
    DEFAULT_WAIT,
    ConditionSnapshot,
    HoursSnapshot,
    PolicySnapshot,
    StepSnapshot,
    TargetSnapshot,
)
from escalation.plan.step import LAST_RESORT, SHORTEST_PASS, Behind, Decision, Hit, PageState, Reach, next_step

__all__ = [
    "DEFAULT_WAIT",
    "LAST_RESORT",
    "SHORTEST_PASS",
    "Behind",
    "ConditionSnapshot",
    "Decision",
    "Hit",
    "HoursSnapshot",
    "PageState",
    "PolicySnapshot",
    "Reach",
    "StepSnapshot",
    "TargetSnapshot",
    "Told",
    "Watch",
    "after",
    "condition_words",
    "grace_of",
    "next_step",
    "preview",
    "ranks_that_differ",
    "watch",
]
