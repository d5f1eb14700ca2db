"""Calendars that are kept somewhere else: what a schedule reads, how that goes, and one more."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Refused
from core.htmx import HtmxRequest
from escalation.actions.calendar_source import (
    add_calendar,
    preview_calendar,
    read_calendar_again,
    remove_calendar,
    replace_calendar_file,
)
from escalation.forms.calendar_source import CalendarSourceForm, ChosenSourceForm, ReplacementForm
from escalation.models import CalendarSource, Schedule
from escalation.queries.calendar_source import sources_of


@require_http_methods(["GET", "HEAD", "POST"])
def source_list(request: HtmxRequest, slug: str) -> HttpResponse:
    """The calendars of a schedule, and the form that brings in another; with `preview` it only says what that adds."""
    schedule = get_object_or_404(Schedule, slug=slug)
    context = {"schedule": schedule, "sources": sources_of(schedule), "can_configure": request.actor.may_configure}
    form = CalendarSourceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        asked, who = form.cleaned_data, {"by": request.actor, "now": timezone.now()}
        try:
            if "preview" in request.POST:
                where = {name: asked[name] for name in ("url", "text", "time_zone")}
                context["preview"] = preview_calendar(schedule, **where, **who)
                context["is_kept"] = form.keep(asked["text"])
            else:
                return _brought_in(request, add_calendar(schedule, **asked, **who))
        except Refused as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
    return render(
        request, "escalation/calendar_source/list.html", {**context, "form": form}, status=422 if form.errors else 200
    )


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
def source_replace(request: HtmxRequest, slug: str) -> HttpResponse:
    """Let another file take the place of one."""
    form = ReplacementForm(request.POST, request.FILES, schedule=get_object_or_404(Schedule, slug=slug))
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("escalation:source-list", slug)
    source, text = form.cleaned_data["source"], form.cleaned_data["file"]
    try:
        source = replace_calendar_file(source, by=request.actor, now=timezone.now(), text=text)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("escalation:source-list", slug)
    return _brought_in(request, source)


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


def _brought_in(request: HtmxRequest, source: CalendarSource) -> HttpResponse:
    """Say how many shifts it has, on the page that lists it."""
    messages.success(request, f"“{source.layer.name}” is read: {source.layer.shifts.count()} shifts.")
    return redirect("escalation:source-list", source.layer.schedule.slug)


def _chosen(request: HtmxRequest, slug: str) -> CalendarSource | None:
    """The calendar that a button names; None, and said why, when it is gone."""
    form = ChosenSourceForm(request.POST, schedule=get_object_or_404(Schedule, slug=slug))
    if form.is_valid():
        return form.cleaned_data["source"]
    messages.error(request, str(form.errors["source"][0]))
    return None
