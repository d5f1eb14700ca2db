"""The board, and the list of all incidents."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.htmx import HtmxRequest, render_part
from incidents.queries.board import board, search_incidents
from incidents.queries.search import lines_found
from incidents.views.entry import number_in

PAGE_SIZE = 50


@require_safe
def board_show(request: HtmxRequest) -> HttpResponse:
    """What burns, what is owed, who is on call. HTMX asks again every fifteen seconds, for the part alone."""
    shown = board(request.user, timezone.now())
    context = {"board": shown, "rung": shown.rung}
    return render_part(request, "incidents/board/detail.html", context, part="board")


@require_safe
def incident_list(request: HtmxRequest) -> HttpResponse:
    """All incidents, newest first, fifty at a time; `?q=` words, `?before=` the number below which it goes on.

    Drills are none; `?drills=1` shows them alone.
    """
    words = request.GET.get("q", "").replace("\x00", "")[:200]
    asked = request.GET.get("before", "")
    before = number_in(asked)
    drills = request.GET.get("drills", "") == "1"
    found = search_incidents(request.user, words=words, before=before, size=PAGE_SIZE, drills=drills)
    rows = found[:PAGE_SIZE]
    lines = lines_found(rows, words) if words else {}
    context = {
        "drills": drills,
        "incidents": [(incident, lines.get(incident.pk)) for incident in rows],
        "words": words,
        "before": before,
        "older": found[PAGE_SIZE - 1].number if len(found) > PAGE_SIZE else None,
    }
    return render_part(request, "incidents/incident/list.html", context, part="incident-list")
