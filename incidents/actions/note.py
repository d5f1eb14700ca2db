"""A note as a machine posts it: plain text that is never read as a command."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from incidents.actions.composer import Posted
from incidents.actions.submission import claim_submission
from incidents.actions.timeline import add_entry
from incidents.models import Incident
from incidents.permissions import check_can_respond


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

    The same `submission_key` again does nothing. Raises what add_entry raises, and then nothing was written.
    """
    check_can_respond(by, incident)
    submission = claim_submission(submission_key, by=by, now=now, incident=incident)
    if submission and submission.was_here_before:
        return Posted(None, "Posted already.")
    return Posted(add_entry(incident, by=by, now=now, text=text, happened_at=happened_at), "Noted.")
