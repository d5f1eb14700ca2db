"""Texts for others, links, and whom to reach."""

from incidents.enums import LinkKind
from incidents.models import Contact, LinkTemplate, MessageTemplate
from incidents.policy_file import fields as f
from incidents.policy_file.document.part import Part, says


class TemplatePart(Part):
    """A text for one audience on one occasion."""

    ROW = MessageTemplate
    CALLED = "the text"

    audience: f.TextAudience = says("For", "Who reads it.")
    occasion: f.Occasion = says("On", "When it is written.")
    levels: f.LevelNames = says("Levels", "Only at these. Empty: at every level.", ())
    subject: f.Example | None = says("Subject", "Its first line, like [{level}] {summary}.", None)
    text: f.Template = says("Text", "{level}, {summary}, {impact}, {next_update} and others are filled in.", wide=True)

    @property
    def key(self) -> str:
        """For whom, when, and at which levels."""
        return f"{self.audience}/{self.occasion}" + (f" at {', '.join(self.levels)}" if self.levels else "")


class LinkPart(Part):
    """A dashboard or a search."""

    ROW = LinkTemplate
    CALLED = "the link"
    NAMED_BY = "name"

    name: f.Group = says("Name", "Like “Error rate”.")
    kind: f.LinkKind = says("Kind", "Where it leads.", LinkKind.DASHBOARD)
    service: f.Slug | None = says("Service", "Only for this one. Empty: for every service.", None)
    url: f.Url = says("Address", "{service}, {from} and {until} are filled in.")
    hint: f.Example | None = says("Look for", "Like “Patterns, traces, the last deploy”.", None)


class ContactPart(Part):
    """Whom to reach by what."""

    ROW = Contact
    CALLED = "the contact"
    NAMED_BY = "role"

    role: f.Group = says("Role", "Like “Engineering lead”.")
    method: f.ContactMethod = says("Method", "Like “Muster, then phone”.")
    within: f.TargetText | None = says("Within", "How soon they answer, like 10 min.", None)
