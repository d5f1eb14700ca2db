"""More of the timeline than the first window: older entries on demand, newer ones when the stream is cut."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from core.htmx import HtmxRequest
from incidents.models import Incident
from incidents.queries.timeline import FILTERS, newer, window
from incidents.views.entry import fragment


@require_safe
def entry_list(request: HtmxRequest, reference: str) -> HttpResponse:
    """Entries as list items: `?before=` a number the older ones, `?after=` a number the newer ones."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    if not request.htmx:
        return redirect(incident)
    only = request.GET.get("only", "")
    after = _number(request.GET.get("after", ""))
    if after is not None:
        entries, older = newer(incident, after), None
    else:
        shown = window(incident, _number(request.GET.get("before", "")), only=only if only in FILTERS else "")
        entries, older = shown.entries, shown.older_than
    context = {"fragments": [fragment(entry) for entry in entries], "older": older, "only": only, "incident": incident}
    return render(request, "incidents/timeline/list.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None
