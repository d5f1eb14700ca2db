"""Maintenance in the browser: what runs, comes and was; begin one, extend one, end one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import InvalidInput, Refused
from core.htmx import HtmxRequest
from core.moments import show_near
from escalation.actions.maintenance import end_maintenance, extend_maintenance, start_maintenance
from escalation.forms.maintenance import ExtensionForm, MaintenanceForm
from escalation.models import MaintenanceWindow
from escalation.permissions import can_maintain
from escalation.queries.maintenance import maintenance_board


@require_http_methods(["GET", "HEAD", "POST"])
def maintenance_list(request: HtmxRequest) -> HttpResponse:
    """Every window, and the form that begins one, prefilled from `?service=`; a post begins it."""
    now, zone = timezone.now(), request.user.zone
    form = MaintenanceForm(request.POST or None, zone=zone, initial={"services": request.GET.getlist("service")})
    if request.method == "POST" and form.is_valid():
        try:
            window = start_maintenance(by=request.actor, now=now, **form.cleaned_data)
        except Refused as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"Maintenance until {show_near(window.ends_at, now, zone)}. It ends by itself.")
            return redirect("escalation:maintenance-list")
    context = {"form": form, "board": maintenance_board(now), "can_maintain": can_maintain(request.actor)}
    return render(request, "escalation/maintenance/list.html", context, status=422 if form.errors else 200)


@require_POST
def maintenance_extend(request: HtmxRequest, window: str) -> HttpResponse:
    """Let it last until `ends_at` instead, a moment with its zone."""
    found, now = get_object_or_404(MaintenanceWindow, ref=window), timezone.now()
    form = ExtensionForm(request.POST)
    try:
        if not form.is_valid():
            raise InvalidInput(str(form.errors["ends_at"][0]))
        found = extend_maintenance(found, by=request.actor, now=now, **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Maintenance until {show_near(found.ends_at, now, request.user.zone)}.")
    return redirect("escalation:maintenance-list")


@require_POST
def maintenance_end(request: HtmxRequest, window: str) -> HttpResponse:
    """End it before its time."""
    try:
        end_maintenance(
            get_object_or_404(MaintenanceWindow, ref=window),
            by=request.actor,
            now=timezone.now(),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Maintenance has ended: what waited for it rings now.")
    return redirect("escalation:maintenance-list")
