"""The door for declaring: two fields, and everybody who is signed in may."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.errors import InvalidInput, Refused
from core.htmx import HtmxRequest, go, render_part
from incidents.actions.declare import declare_incident
from incidents.forms.declare import DeclareForm
from incidents.models import Incident
from incidents.queries.declaration import declaration

TEMPLATE = "incidents/incident/form.html"


@require_http_methods(["GET", "HEAD", "POST"])
def incident_declare(request: HtmxRequest) -> HttpResponse:
    """The form, prefilled from `?level=`, `?summary=` and `?runbook=`; a post declares and leads into the room."""
    offer = declaration()
    if offer is None:
        return render_part(request, TEMPLATE, {}, part="declare-form")
    if request.method == "POST":
        form = DeclareForm(request.POST, offer=offer)
        incident = _declare(request, form)
        if incident:
            return go(request, incident)
    else:
        asked = {name: request.GET[name] for name in ("level", "summary", "service", "runbook") if name in request.GET}
        form = DeclareForm(initial=asked, offer=offer)
    answer = render_part(request, TEMPLATE, {"form": form, "offer": offer}, part="declare-form")
    answer.status_code = 422 if form.is_bound else 200
    return answer


def _declare(request: HtmxRequest, form: DeclareForm) -> Incident | None:
    """The incident, or None when the form says why not."""
    if not form.is_valid():
        return None
    try:
        incident = declare_incident(by=request.actor, now=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        form.add_error(refusal.field or None if isinstance(refusal, InvalidInput) else None, str(refusal))
        return None
    return incident
