"""Runbooks by scenario."""

from incidents.models import CriticalDecision, QuickAction, Runbook
from incidents.policy_file import fields as f
from incidents.policy_file.document.part import Part, says


class QuickActionPart(Part):
    """One line of what to do."""

    ROW = QuickAction
    CALLED = "the quick action"
    NAMED_BY = "text"

    text: f.Sentence = says("Action", "Like “Check whether names resolve”.")
    command: f.Command | None = says("Command", "To copy, like dig {domain}.", None)


class CriticalDecisionPart(Part):
    """What must be decided within a time."""

    ROW = CriticalDecision
    CALLED = "the decision"
    NAMED_BY = "text"

    text: f.Sentence = says("Decision", "Like “Fail over to the replica, or not”.")
    within: f.DurationText = says("Within", "From when the runbook was taken up, like 10 min.")
    escalate_policy: f.Slug | None = says("Escalate to", "The policy rung when nobody has decided.", None)


class RunbookPart(Part):
    """A scenario, what to do at once, and what must be decided soon."""

    ROW = Runbook
    CALLED = "the runbook"

    slug: f.Slug = says("Short name", "Like database-failure.")
    name: f.Name = says("Name", "Like “The database fails”.")
    symptoms: f.Criteria | None = says("Symptoms", "How it looks, in one line.", None, wide=True)
    level: f.LevelName | None = says("Declared at", "The level that it is, like SEV0.", None)
    levels: f.LevelNames = says("Pinned at", "Levels at which it is always shown.", ())
    services: f.Slugs = says("Services", "Services for which it is always shown.", ())
    link: f.Url | None = says("Link", "Where the long one stands.", None)
    flag: f.Slug | None = says("Raises", "The flag that goes up with it, like breach-suspected.", None)
    pages: f.Slugs = says("Rings", "Escalation policies rung at once, like executive legal.", ())
    act_after: f.DurationText | None = says("Act after", "Nothing to do unless it lasts longer, like 1 h.", None)
    customers: f.Criteria | None = says("For customers", "A line that may be told them.", None, wide=True)
    actions: tuple[QuickActionPart, ...] = ()
    decisions: tuple[CriticalDecisionPart, ...] = ()
