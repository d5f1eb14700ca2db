"""The postmortem meeting: when it is, who is asked, and the invitation for a calendar."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Conflict, Refused
from core.htmx import HtmxRequest
from incidents.actions.meeting import schedule_meeting
from incidents.actions.text import words_for
from incidents.enums import Occasion, TextAudience
from incidents.export.meeting import meeting_invitation
from incidents.export.texts import Said
from incidents.forms.meeting import MeetingForm
from incidents.models import Incident
from incidents.permissions import can_respond
from incidents.queries.meeting import meeting_of
from incidents.queries.texts import last_words


@require_http_methods(["GET", "POST"])
def meeting_detail(request: HtmxRequest, reference: str) -> HttpResponse:
    """The page with its form; a post schedules the meeting, or moves it."""
    incident = _incident(request, reference)
    form = MeetingForm(request.POST or None, zone=request.user.zone, at=incident.meeting_at)
    if request.method == "POST" and form.is_valid():
        try:
            schedule_meeting(incident, by=request.actor, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            if isinstance(refusal, Conflict):
                incident = _incident(request, reference)
                form.see_again(incident.meeting_at)
            form.add_error(None, str(refusal))
        else:
            return redirect("incidents:meeting-detail", reference)
    may_act = can_respond(request.actor, incident)
    context = {"incident": incident, "form": form, "meeting": meeting_of(incident), "may_act": may_act}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "incidents/meeting/detail.html", context, status=status)


@require_safe
def meeting_file(request: HtmxRequest, reference: str) -> HttpResponse:
    """The invitation, for a calendar; 404 until the meeting is scheduled."""
    incident = _incident(request, reference)
    if incident.meeting_at is None:
        raise Http404("No meeting is scheduled.")
    now = timezone.now()
    said = Said.fields_of(last_words(incident))
    words = words_for(TextAudience.INTERNAL, Occasion.MEETING, incident, said, now=now)
    text = meeting_invitation(incident, meeting_of(incident), at=incident.meeting_at, now=now, words=words)
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{incident.reference}-meeting.ics"'
    return answer


def _incident(request: HtmxRequest, reference: str) -> Incident:
    rows = Incident.objects.visible_to(request.user).select_related("level__version__ladder", "service")
    return get_object_or_404(rows, reference=reference)
