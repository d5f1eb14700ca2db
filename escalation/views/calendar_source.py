"""Calendars that are kept somewhere else: what a schedule reads, how that goes, and one more."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Refused
from core.htmx import HtmxRequest
from escalation.actions.calendar_source import add_calendar, read_calendar_again, remove_calendar
from escalation.forms.calendar_source import CalendarSourceForm, ChosenSourceForm
from escalation.models import CalendarSource, Schedule
from escalation.queries.calendar_source import sources_of


@require_http_methods(["GET", "HEAD", "POST"])
def source_list(request: HtmxRequest, slug: str) -> HttpResponse:
    """The calendars of a schedule, and the form that brings in another."""
    schedule = get_object_or_404(Schedule, slug=slug)
    form = CalendarSourceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        asked = {**form.cleaned_data, "text": form.cleaned_data["file"]}
        del asked["file"]
        try:
            source = add_calendar(schedule, by=request.actor, now=timezone.now(), **asked)
        except Refused as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"“{source.layer.name}” is read: {source.layer.shifts.count()} shifts.")
            return redirect("escalation:source-list", slug)
    context = {"schedule": schedule, "form": form, "sources": sources_of(schedule)}
    context |= {"can_configure": request.actor.may_configure}
    return render(request, "escalation/calendar_source/list.html", context, status=422 if form.errors else 200)


@require_POST
def source_read(request: HtmxRequest, slug: str) -> HttpResponse:
    """Read one again now."""
    try:
        if source := _chosen(request, slug):
            source = read_calendar_again(source, by=request.actor, now=timezone.now())
            if source.failure:
                messages.error(request, f"It could not be read: {source.failure} The last good copy counts.")
            else:
                messages.success(request, f"“{source.layer.name}” is read: {source.layer.shifts.count()} shifts.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("escalation:source-list", slug)


@require_POST
def source_remove(request: HtmxRequest, slug: str) -> HttpResponse:
    """Take one off, with its layer."""
    try:
        if source := _chosen(request, slug):
            remove_calendar(source, by=request.actor, now=timezone.now())
            messages.success(request, f"“{source.layer.name}” is no layer of this schedule any more.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("escalation:source-list", slug)


def _chosen(request: HtmxRequest, slug: str) -> CalendarSource | None:
    """The calendar that a button names; None, and said why, when it is gone."""
    form = ChosenSourceForm(request.POST, schedule=get_object_or_404(Schedule, slug=slug))
    if form.is_valid():
        return form.cleaned_data["source"]
    messages.error(request, str(form.errors["source"][0]))
    return None
