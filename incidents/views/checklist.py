"""One press: how an item of the checklist stands."""

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.checklist.check import MARKS
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("check")
def checklist_mark(
    request: HtmxRequest, incident: Incident, *, number: int, outcome: str, note: str, file: UploadedFile | None
) -> str:
    """Passed, failed, does not apply or open again, as the form says."""
    MARKS[outcome](incident, by=request.actor, now=timezone.now(), number=number, note=note, file=file)
    return ""
