"""Phases, their checklists, and what to do when stuck."""

from incidents.enums import Evidence, Gate, ItemKind, PhaseAnchor
from incidents.models import Phase, PhaseItem, PhaseTrouble
from incidents.policy_file import fields as f
from incidents.policy_file.document.part import Part, says


class ItemPart(Part):
    """A step or a verification point."""

    ROW = PhaseItem
    CALLED = "the item"
    NAMED_BY = "text"

    text: f.Sentence = says("Item", "What is done or seen, like “Check recent deployments”.")
    kind: f.ItemKind = says("Kind", "A step, or a verification point.", ItemKind.STEP)
    levels: f.LevelNames = says("Levels", "Only at these, like SEV0, SEV1. Empty: at every level.", ())
    flag: f.Slug | None = says("Only while", "The flag that must be up, like api-concerned.", None)
    within: f.DurationText | None = says("Within", "A box of its own, like 1 min.", None)
    role: f.Slug | None = says("Role", "The role that does it, like scribe.", None)
    command: f.Command | None = says("Command", "To copy; {service} and its like are filled in.", None)
    link: f.Url | None = says("Link", "Where it is done, like https://status.example.com/{service}.", None)
    evidence: f.Evidence = says("Evidence", "What whoever ticks it must leave.", Evidence.NONE)
    holds: f.Gate = says("Holds back", "What an open one holds back.", Gate.NONE)


class TroublePart(Part):
    """What may go wrong, why, and what then."""

    ROW = PhaseTrouble
    CALLED = "the trouble"
    NAMED_BY = "issue"

    issue: f.Example = says("Trouble", "Like “Ten alerts or more at once”.")
    cause: f.Example | None = says("Likely cause", "Like “One failure drags others along”.", None)
    remedy: f.Sentence = says("What then", "Like “Treat them as one incident”.")


class PhasePart(Part):
    """A phase with its time box and its lists."""

    ROW = Phase
    CALLED = "the phase"

    slug: f.Slug = says("Short name", "Like triage.")
    name: f.Group = says("Name", "Like “Detection and triage”.")
    anchor: f.Anchor = says("Counts from", "From when its time box counts.", PhaseAnchor.DECLARED)
    begins_after: f.DurationText | None = says("Begins after", "Like 5 min. Empty: at once.", None)
    ends_after: f.DurationText | None = says("Ends after", "Like 30 min. Empty: no time box.", None)
    output: f.Sentence | None = says("Output", "What there is at its end, like “Severity and team”.", None)
    items: tuple[ItemPart, ...] = ()
    troubles: tuple[TroublePart, ...] = ()
