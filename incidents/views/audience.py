"""Who may see an incident: presses in its room, and the one door by which an admin comes in."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.errors import Refused
from core.htmx import HtmxRequest
from incidents.actions.audience import enter_private, let_in, make_private, make_public
from incidents.forms.audience import EnterForm
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("private")
def incident_hide(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Only those who are in it see it from now on."""
    make_private(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door("unhide")
def incident_unhide(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Everybody sees it again."""
    make_public(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door("audience")
def audience_add(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """One person more sees it."""
    let_in(incident, by=request.actor, now=timezone.now(), **words)
    return f"{words['user']} was let in."


@require_http_methods(["GET", "HEAD", "POST"])
def private_enter(request: HtmxRequest) -> HttpResponse:
    """An admin names a private incident and says why; it shows nothing of any. Nobody else gets the form."""
    if not request.actor.may_configure:
        return render(request, "incidents/audience/form.html", status=403)
    form = EnterForm(request.POST) if request.method == "POST" else EnterForm()
    if form.is_valid():
        words = form.cleaned_data
        incident = Incident.objects.filter(reference=words["reference"].strip().upper()).first()
        try:
            if incident is not None:
                enter_private(incident, by=request.actor, now=timezone.now(), reason=words["reason"])
                return redirect(incident)
            form.add_error("reference", "There is no incident of this reference.")
        except Refused as refusal:
            form.add_error("reason", str(refusal))
    return render(request, "incidents/audience/form.html", {"form": form}, status=422 if form.is_bound else 200)
