"""The composer: one line posted, and what may follow what was typed so far."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Refused
from core.htmx import HtmxRequest
from core.moments import show_moment
from incidents.actions.composer import COMMANDS, post_line, split_moment
from incidents.forms.composer import ComposerForm
from incidents.models import Incident
from incidents.queries.composer import completions
from incidents.queries.room import Room
from incidents.views.room import find_room, show_parts, show_room


@require_http_methods(["POST", "GET"])
def composer_post(request: HtmxRequest, reference: str) -> HttpResponse:
    """Post one line. A refusal stands beside it and the line stays; a GET comes from signing in, and is led on."""
    found = find_room(request, reference)
    if request.method == "GET":
        return redirect(found.incident)
    form = ComposerForm(request.POST, request.FILES, room=found)
    if not form.is_valid():
        return _refused(request, found, form)
    words = form.cleaned_data
    try:
        posted = post_line(
            found.incident,
            by=request.actor,
            now=timezone.now(),
            line=words["line"],
            files=words["file"],
            submission_key=words["submission_key"],
        )
    except Refused as refusal:
        form.add_error("line", str(refusal))
        return _refused(request, found, form)
    if request.htmx:
        return show_parts(request, reference, composer_said=posted.said)
    messages.success(request, posted.said)
    return redirect(found.incident)


@require_safe
def composer_completions(request: HtmxRequest, reference: str) -> HttpResponse:
    """What may follow the typed line, and the moment that a leading time means, with its zone, before it settles."""
    incident = get_object_or_404(
        Incident.objects.visible_to(request.user).select_related("level__version"), reference=reference
    )
    typed = request.GET.get("line", "")[:300].lstrip()
    known = {name: (command.usage, command.does) for name, command in COMMANDS.items()}
    context = {"completions": completions(incident, typed, known, request.user), **_moment_of(request, typed)}
    return render(request, "incidents/incident/composer_help.html", context)


def _moment_of(request: HtmxRequest, typed: str) -> dict[str, str]:
    """`{"moment": …}` of a line that begins with a time, `{"refused": …}` when that time cannot be."""
    now = timezone.now()
    try:
        moment, _ = split_moment(f"{typed} …", by=request.actor, now=now)
    except Refused as refusal:
        return {"refused": str(refusal)}
    return {"moment": show_moment(moment, request.user.zone)} if moment else {}


def _refused(request: HtmxRequest, found: Room, form: ComposerForm) -> HttpResponse:
    if request.htmx:
        said = {"refused": form.refused, "oob": True}
        return render(request, "incidents/incident/composer_said.html", said, status=422)
    if request.FILES:
        form.add_error("line", "Choose the files again: a browser does not send them back.")
    return show_room(request, found, composer=form, status=422)
