"""A note as a machine posts it, or whom a page rang by its link: plain text that is never read as a command."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from incidents.actions.composer import Posted
from incidents.actions.lock import lock_to_note
from incidents.actions.submission import claim_submission
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.enums import EntryKind
from incidents.models import Incident
from incidents.permissions import check_can_note


@transaction.atomic
def post_note(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    text: str,
    happened_at: datetime | None = None,
    submission_key: UUID | None = None,
) -> Posted:
    """Add `text` to the timeline as it stands, at `happened_at` (now by default).

    A sign of life of a person. The same `submission_key` again does nothing. Raises NotAllowed, WrongState for a
    closed incident, InvalidInput for empty or endless text or a moment to come; then nothing was written.
    """
    check_can_note(by, incident)
    submission = claim_submission(submission_key, by=by, now=now, incident=incident)
    if submission and submission.was_here_before:
        return Posted(None, "Posted already.")
    locked = lock_to_note(incident, by)
    entry = write_entry(locked, by=by, now=now, text=text, kind=EntryKind.NOTE, happened_at=happened_at)
    note_sign_of_life(locked, by=by, now=now)
    return Posted(entry, "Noted.")
