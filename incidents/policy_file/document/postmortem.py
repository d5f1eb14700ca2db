"""What a postmortem looks like, and what it needs."""

from typing import Annotated

from pydantic import Field

from incidents.enums import SectionKind
from incidents.models import PostmortemSection, PostmortemTemplate
from incidents.policy_file import fields as f
from incidents.policy_file.document.part import Part, says


class SectionPart(Part):
    """One section, with its questions."""

    ROW = PostmortemSection
    CALLED = "the section"

    slug: f.Slug = says("Short name", "Like root-cause.")
    title: f.Group = says("Title", "Like “Root cause”.")
    kind: f.SectionKind = says("Kind", "How it is written.", SectionKind.TEXT)
    questions: tuple[f.Example, ...] = says("Questions", "One a line, like “Why was it not caught?”", (), wide=True)


class PostmortemPart(Part):
    """The template of the ladder's postmortems."""

    ROW = PostmortemTemplate
    CALLED = "the postmortem"

    confidence_over: f.Percent | None = says(
        "Confidence over", "Published only with more percent than this, like 85.", None
    )
    actions_at_least: Annotated[int, Field(ge=0, le=20)] = says("Action items", "It closes with so many at least.", 0)
    action_label: f.ShortName | None = says("Label", "Of their tickets, like post-mortem.", None)
    meeting_after: f.DurationText | None = says("Meeting after", "At the earliest, like 24 h.", None)
    meeting_length: f.DurationText | None = says("Meeting lasts", "Like 60 min.", None)
    meeting_roles: f.Slugs = says("Who comes", "Roles, like commander. Empty: everybody who was there.", ())
    sections: tuple[SectionPart, ...] = ()
