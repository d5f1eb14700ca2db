"""Words of postmortems."""

from django.db.models import TextChoices


class PostmortemStatus(TextChoices):
    """Where a postmortem stands. WITHDRAWN: it was not an incident after all; what was typed is kept."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class SectionKey(TextChoices):
    """The sections of document 000, in its order; the derived ones follow the record until edited or published."""

    SUMMARY = "summary", "Summary"
    IMPACT = "impact", "Impact"
    TIMELINE = "timeline", "Timeline"
    ROOT_CAUSE = "root_cause", "Root cause"
    WENT_WELL = "went_well", "What went well"
    WENT_POORLY = "went_poorly", "What went poorly"


# Made from the incident's record, not typed.
DERIVED = frozenset({SectionKey.IMPACT, SectionKey.TIMELINE})
