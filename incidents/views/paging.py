"""Page someone by hand."""

from uuid import UUID

from django.utils import timezone

from accounts.models import User
from core.htmx import HtmxRequest
from escalation.models import Policy
from incidents.actions.paging import page_people, page_policy
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("page")
def people_page(request: HtmxRequest, incident: Incident, *, whom: list[User] | Policy, submission_key: UUID) -> str:
    """Ring people, or a whole policy."""
    press = {"by": request.actor, "now": timezone.now(), "submission_key": submission_key}
    if isinstance(whom, Policy):
        page = page_policy(incident, policy=whom, **press)
    else:
        page = page_people(incident, people=whom, **press)
    return f"Ringing {page.group}."
