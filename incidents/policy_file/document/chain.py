"""Chains: who is rung after whom."""

from typing import Annotated

from pydantic import Field

from incidents.models import Chain, ChainStep
from incidents.policy_file import fields as f
from incidents.policy_file.document.part import Part, says


class ChainStepPart(Part):
    """Who is rung, and how long they have."""

    ROW = ChainStep
    CALLED = "the step"
    NAMED_BY = "who"

    who: f.Group = says("Who", "In words, like “the next in the rotation”.")
    schedule: f.Slug = says("Schedule", "Who is on call in it, like platform.")
    turn: Annotated[int, Field(ge=0, le=9)] = says("Turn", "0: who is on call now; 1: who is next.", 0)
    wait: f.DurationText | None = says("Wait", "Like 5 min. Empty: as the level says.", None)


class ChainPart(Part):
    """How one escalation policy is meant to ring."""

    ROW = Chain
    CALLED = "the chain"
    NAMED_BY = "policy"

    policy: f.Slug = says("Policy", "An escalation policy, like platform-primary.")
    steps: tuple[ChainStepPart, ...] = ()
