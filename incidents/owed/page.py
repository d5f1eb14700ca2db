"""A page that rings, or has rung everybody in vain."""

from datetime import datetime

from incidents.owed.facts import RingingPage, page_key
from incidents.owed.row import MINE, OwedRow, row_of


def page_row(page: RingingPage, now: datetime) -> OwedRow:
    """Whoever is rung may answer it; the others may ring the next one now."""
    if page.is_exhausted:
        return row_of(
            now,
            key=page_key(page.ref),
            what=f"Nobody has answered {page.group}",
            detail="every step was rung",
            due_at=page.next_at if page.next_at and page.next_at <= now else None,
            tone="late",
            verb=MINE if page.answer_url else "Page someone",
            url=page.answer_url or "#page",
            posts=bool(page.answer_url),
        )
    verb, url = (f"Ring {page.next_name} now", page.ring_next_url) if page.next_name else ("", "")
    return row_of(
        now,
        key=page_key(page.ref),
        what=f"Acknowledge: {page.group}",
        detail=f"then {page.next_name} is rung" if page.next_name else "",
        due_at=page.next_at,
        verb=MINE if page.answer_url else verb,
        url=page.answer_url or url,
        posts=True,
    )
