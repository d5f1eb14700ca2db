"""Temporary schedules from the page of a schedule: make one, cancel one, and see before what it changes."""

from copy import copy
from functools import partial
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Refused
from core.htmx import HtmxRequest
from escalation.actions.preview import preview_change
from escalation.actions.temporary_schedule import cancel_temporary_schedule, set_temporary_schedule
from escalation.forms.temporary_schedule import CancelTemporaryScheduleForm, NewTemporaryScheduleForm
from escalation.models import Schedule
from escalation.permissions import can_override
from escalation.queries.calendar import Zones
from escalation.views.seen import was_seen


@require_http_methods(["GET", "HEAD", "POST"])
def temporary_new(request: HtmxRequest, slug: str) -> HttpResponse:
    """The form; a post shows what would change, and `save` keeps what was shown."""
    schedule, now, preview = get_object_or_404(Schedule, slug=slug), timezone.now(), None
    form = NewTemporaryScheduleForm(request.POST or None, schedule=schedule, now=now)
    if request.method == "POST" and form.is_valid():
        plan, planned = form.instance, form.cleaned_data["shifts"] or []
        keep, zones = partial(set_temporary_schedule, by=request.actor, now=now), _zones(request, schedule)
        try:
            tried = partial(keep, copy(plan), shifts=[copy(one) for one in planned])
            preview = preview_change(schedule, tried, plan.starts_at, plan.ends_at, zones=zones, now=now)
            if was_seen(request, preview):
                keep(plan, shifts=planned)
                messages.success(request, f"The temporary schedule is saved: {plan.name}.")
                return redirect("escalation:schedule-detail", slug)
        except Refused as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
    context = {"schedule": schedule, "form": form, "preview": preview, "can_override": can_override(request.actor)}
    template = "escalation/temporary_schedule/form.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
def temporary_cancel(request: HtmxRequest, slug: str) -> HttpResponse:
    """Show what cancelling would change, and with `save`, which says what was shown, cancel it."""
    schedule, now = get_object_or_404(Schedule, slug=slug), timezone.now()
    form = CancelTemporaryScheduleForm(request.POST, schedule=schedule, now=now)
    if not form.is_valid():
        messages.error(request, str(form.errors["temporary"][0]))
        return redirect("escalation:schedule-detail", slug)
    plan, zones = form.cleaned_data["temporary"], _zones(request, schedule)
    cancel = partial(cancel_temporary_schedule, plan, by=request.actor, now=now)
    try:
        preview = preview_change(schedule, cancel, plan.starts_at, plan.ends_at, zones=zones, now=now)
        if was_seen(request, preview):
            cancel()
            messages.success(request, f"The temporary schedule no longer counts: {plan.name}.")
            return redirect("escalation:schedule-detail", slug)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("escalation:schedule-detail", slug)
    context = {"schedule": schedule, "temporary": plan, "preview": preview}
    return render(request, "escalation/temporary_schedule/cancel.html", context)


def _zones(request: HtmxRequest, schedule: Schedule) -> Zones:
    return Zones(request.user.zone, ZoneInfo(schedule.time_zone))
