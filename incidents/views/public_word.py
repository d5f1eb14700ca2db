"""Tell the public: the words that are ready in one press, or other ones."""

from uuid import UUID

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.public_word import tell_public
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("public")
def public_tell(request: HtmxRequest, incident: Incident, *, text: str, submission_key: UUID | None) -> str:
    """Say it."""
    tell_public(incident, by=request.actor, now=timezone.now(), text=text, submission_key=submission_key)
    return "The public was told."
