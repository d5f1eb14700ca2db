"""A whole postmortem as Markdown, in the shape of document 000's template."""

from collections.abc import Sequence

from postmortems.export.record import Head
from postmortems.models import ActionItem, Postmortem

BLAMELESS = "Postmortems are blameless. Fix the system, not the person."


def document_markdown(postmortem: Postmortem, head: Head, sections: Sequence[tuple[str, str]]) -> str:
    """The document: `sections` are (heading, Markdown) in their order. Reviewers and action items must be fetched."""
    reviewers = ", ".join(str(review.reviewer) for review in postmortem.reviews.all())
    parts = [
        f"# Postmortem — [{head.level}] {head.title}",
        f"**Date:** {head.date}\n**Duration:** {head.duration}\n"
        f"**Author:** {postmortem.author or 'nobody yet'}\n**Reviewers:** {reviewers or 'nobody yet'}",
        *(f"## {heading}\n{body.strip() or '…'}" for heading, body in sections),
        "## Action items\n" + items_markdown(list(postmortem.action_items.all())),
        BLAMELESS,
    ]
    return "\n\n".join(parts) + "\n"


def items_markdown(items: Sequence[ActionItem]) -> str:
    """The table of action items; one that was dropped says so and why, one that is done says when."""
    rows = [f"| {item.number} | {cell(item.text)}{ended(item)} | {item.owner} | {item.due_on} |" for item in items]
    return "\n".join(["| # | Action | Owner | Due |", "|---|---|---|---|", *rows])


def ended(item: ActionItem) -> str:
    """How an item that is not open any more ended."""
    if item.done_at:
        return " (done)"
    return f" (dropped: {cell(item.dropped_reason)})" if item.dropped_at else ""


def cell(text: str) -> str:
    """`text` inside a cell of a Markdown table."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
