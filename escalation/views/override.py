"""Overrides from the page of a schedule: make one, cancel one, and see before what it changes."""

from copy import copy
from functools import partial
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Refused
from core.htmx import HtmxRequest
from escalation.actions.preview import preview_change
from escalation.actions.schedule import add_override, cancel_override
from escalation.forms.override import CancelOverrideForm, NewOverrideForm
from escalation.models import Override, Schedule
from escalation.permissions import can_override
from escalation.queries.calendar import Zones, words_of
from escalation.views.seen import was_seen


@require_http_methods(["GET", "HEAD", "POST"])
def override_new(request: HtmxRequest, slug: str) -> HttpResponse:
    """The form, prefilled from the address; a post shows what would change, and `save` keeps what was shown."""
    schedule, now, preview = get_object_or_404(Schedule, slug=slug), timezone.now(), None
    who = {"schedule": schedule, "viewer": request.user, "now": now}
    form = NewOverrideForm(request.POST or None, initial=request.GET.dict(), **who)
    if request.method == "POST" and form.is_valid():
        override, add = form.instance, partial(add_override, by=request.actor, now=now)
        span, zones = (override.starts_at, override.ends_at), Zones(form.zone, ZoneInfo(schedule.time_zone))
        try:
            preview = preview_change(schedule, partial(add, copy(override)), *span, zones=zones, now=now)
            if was_seen(request, preview):
                return _saved(request, add(override))
        except Refused as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
    context = {"schedule": schedule, "form": form, "preview": preview, "can_override": can_override(request.actor)}
    return render(request, "escalation/override/form.html", context, status=422 if form.errors else 200)


@require_POST
def override_cancel(request: HtmxRequest, slug: str) -> HttpResponse:
    """Show what cancelling would change, and with `save`, which says what was shown, cancel it."""
    schedule, now = get_object_or_404(Schedule, slug=slug), timezone.now()
    form = CancelOverrideForm(request.POST, schedule=schedule, now=now)
    if not form.is_valid():
        messages.error(request, str(form.errors["override"][0]))
        return redirect("escalation:schedule-detail", slug)
    override = form.cleaned_data["override"]
    cancel = partial(cancel_override, override, by=request.actor, now=now)
    zones = Zones(request.user.zone, ZoneInfo(schedule.time_zone))
    try:
        preview = preview_change(schedule, cancel, override.starts_at, override.ends_at, zones=zones, now=now)
        if was_seen(request, preview):
            return _saved(request, cancel())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("escalation:schedule-detail", slug)
    context = {"schedule": schedule, "override": override, "preview": preview}
    return render(request, "escalation/override/cancel.html", context)


def _saved(request: HtmxRequest, override: Override) -> HttpResponse:
    """Back to the schedule, at the day on which the override begins."""
    done = "no longer counts" if override.cancelled_at else "is saved"
    messages.success(request, f"The override {done}: {words_of(override)}.")
    page = reverse("escalation:schedule-detail", args=[override.schedule.slug])
    day = max(override.starts_at, timezone.now()).astimezone(request.user.zone).date()
    return redirect(f"{page}?from={day}")
