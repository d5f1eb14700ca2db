"""Flags, and the escalation matrix."""

from incidents.enums import FlagAsked
from incidents.models import EscalationRule, Flag
from incidents.policy_file import fields as f
from incidents.policy_file.document.part import Part, says


class FlagPart(Part):
    """Something that is so or not."""

    ROW = Flag
    CALLED = "the flag"

    slug: f.Slug = says("Short name", "Like breach-suspected.")
    name: f.Group = says("Name", "Like “Breach suspected”.")
    question: f.Example | None = says("Question", "Like “Is data at risk?”", None)
    asked: f.Asked = says(
        "Asked",
        "In the first minutes, or once it is resolved, like “Had we never seen it fail this way?”",
        FlagAsked.TRIAGE,
    )
    is_new_failure: bool = says(
        "Is a new failure",
        "Raising it owes other words in the runbooks that were taken up, or a runbook where none was: "
        "“Update the runbook: the database fails”.",
        False,
    )
    makes_private: bool = says("Makes private", "And freezes every unsent public message.", False)


class RulePart(Part):
    """One row of the matrix, with exactly one condition."""

    ROW = EscalationRule
    CALLED = "the escalation"
    NAMED_BY = "name"

    name: f.Group = says("Name", "Like “P0 not resolved in 30 min”.")
    levels: f.LevelNames = says("Levels", "Only at these, like P0, P1. Empty: at every level.", ())
    unresolved_after: f.DurationText | None = says("Unresolved after", "Like 30 min.", None)
    flag: f.Slug | None = says("Flag", "While it is up, like user-data-affected.", None)
    revenue_over: f.Amount | None = says("Revenue over", "More than this is lost, like 10000.", None)
    policies: f.SomeSlugs = says("Rings", "Escalation policies, like studio-producer.")
    expected: f.Example | None = says("What is expected", "Like “More people, and the vendor”.", None)
