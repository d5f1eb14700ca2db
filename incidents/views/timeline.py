"""More of the timeline than the first window, what is done with one entry, many lines at once, and files of it all."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Refused
from core.htmx import HtmxRequest
from core.moments import organisation_zone
from incidents.actions.attachment import add_files
from incidents.actions.correction import correct_entry
from incidents.actions.paste import add_lines
from incidents.actions.reading import pin_entry, unpin_entry
from incidents.export.timeline import timeline_csv, timeline_json, timeline_markdown
from incidents.forms.entry import PasteForm
from incidents.models import Incident
from incidents.queries.room import Room
from incidents.queries.timeline import newer, shown, window, with_files_since
from incidents.views.door import room_door
from incidents.views.entry import fragment, number_in, wanted_of
from incidents.views.room import find_room, show_parts, show_room

TYPES = {"md": "text/markdown", "csv": "text/csv", "json": "application/json"}


@require_safe
def entry_list(request: HtmxRequest, reference: str) -> HttpResponse:
    """Entries as list items: `?before=` a number the older ones, `?after=` a number the newer ones.

    With those come older ones beside which files were put since.
    """
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    if not request.htmx:
        return redirect(incident)
    want = wanted_of(request)
    after = number_in(request.GET.get("after", ""))
    if after is not None:
        entries, older = newer(incident, after), None
        entries += [one for found in with_files_since(incident.pk, entries).values() for one in found]
    else:
        found = window(incident, number_in(request.GET.get("before", "")), want=want)
        entries, older = found.entries, found.older_than
    context = {"fragments": [fragment(entry) for entry in entries], "older": older, "want": want, "incident": incident}
    return render(request, "incidents/timeline/list.html", context)


@require_safe
def timeline_file(request: HtmxRequest, reference: str, form: str) -> HttpResponse:
    """The whole timeline, newest first, as a file: `md`, `csv` or `json`."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    entries = shown(incident)
    if form == "csv":
        text = timeline_csv(entries)
    elif form == "json":
        text = timeline_json(incident, entries)
    else:
        text = timeline_markdown(incident, entries, organisation_zone())
    answer = HttpResponse(text, content_type=f"{TYPES[form]}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{incident.reference}-timeline.{form}"'
    return answer


@room_door("entry")
def entry_correct(request: HtmxRequest, incident: Incident, *, number: int, line: str) -> str:
    """What it should have said; the original stays."""
    correct_entry(incident, by=request.actor, now=timezone.now(), number=number, line=line)
    return ""


@room_door("files")
def entry_files(request: HtmxRequest, incident: Incident, *, number: int, files: list[UploadedFile]) -> str:
    """Files for an entry that is already there."""
    add_files(incident, by=request.actor, now=timezone.now(), number=number, files=files)
    return ""


@room_door()
def entry_pin(request: HtmxRequest, incident: Incident, *, number: int) -> str:
    """On top, for everybody."""
    pin_entry(incident, by=request.actor, now=timezone.now(), number=number)
    return ""


@room_door()
def entry_unpin(request: HtmxRequest, incident: Incident, *, number: int) -> str:
    """Down again."""
    unpin_entry(incident, by=request.actor, now=timezone.now(), number=number)
    return ""


@require_http_methods(["POST", "GET"])
def entry_paste(request: HtmxRequest, reference: str) -> HttpResponse:
    """Many lines: shown first as what they become, and written when the same block is posted again."""
    found = find_room(request, reference)
    if request.method == "GET":
        return redirect(found.incident)
    form = PasteForm(request.POST, room=found)
    if not form.is_valid():
        return _paste_panel(request, found, form, status=422)
    if not form.is_seen:
        return _paste_panel(request, found, form)
    words = form.cleaned_data
    try:
        key = words["submission_key"]
        add_lines(found.incident, by=request.actor, now=found.now, lines=words["lines"], submission_key=key)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _paste_panel(request, found, form, status=422)
    return show_parts(request, reference, with_panel=True) if request.htmx else redirect(found.incident)


def _paste_panel(request: HtmxRequest, found: Room, form: PasteForm, *, status: int = 200) -> HttpResponse:
    if request.htmx:
        return show_parts(request, found.incident.reference, with_panel=True, key="paste", form=form, status=status)
    return show_room(request, found, key="paste", form=form, status=status)
