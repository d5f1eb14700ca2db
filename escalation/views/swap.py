"""My shifts, and shifts that somebody would like to give away."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from core.htmx import HtmxRequest, go
from escalation.actions.swap import ask_for_swap, cancel_swap, take_swap
from escalation.forms.swap import SwapForm, whole_minute
from escalation.models import Schedule, ShiftSwap
from escalation.permissions import can_cancel_swap, can_take_swap
from escalation.queries.swap import my_shifts


@require_safe
def shift_list(request: HtmxRequest) -> HttpResponse:
    """My shifts of the next four weeks in every schedule, and the shifts of others that I may take."""
    shown = my_shifts(request.user, timezone.now())
    return render(request, "escalation/swap/list.html", {"shifts": shown.shifts, "others": shown.others})


@require_safe
def swap_detail(request: HtmxRequest, swap: str) -> HttpResponse:
    """One swap: what is asked, what became of it, and the buttons."""
    found = get_object_or_404(ShiftSwap.objects.with_people(), ref=swap)
    is_open = found.is_open_at(timezone.now())
    context = {
        "swap": found,
        "is_open": is_open,
        "can_take": is_open and can_take_swap(found, request.actor),
        "can_cancel": is_open and can_cancel_swap(found, request.actor),
    }
    return render(request, "escalation/swap/detail.html", context)


@require_http_methods(["GET", "POST"])
def swap_ask(request: HtmxRequest, slug: str) -> HttpResponse:
    """Ask for a swap in one schedule; `from` and `until` (ISO, with zone) are the shift that was pressed."""
    schedule = get_object_or_404(Schedule, slug=slug)
    span = {"starts_at": request.GET.get("from", ""), "ends_at": request.GET.get("until", "")}
    initial = {name: _moment(text) for name, text in span.items()}
    posted = request.POST if request.method == "POST" else None
    form = SwapForm(posted, initial=initial, instance=ShiftSwap(schedule=schedule), asker=request.user)
    if form.is_valid():
        try:
            ask_for_swap(form.instance, by=request.actor, now=timezone.now())
        except Refused as refusal:
            form.add_error(getattr(refusal, "field", "") or None, str(refusal))
        else:
            messages.success(request, "Asked. You stay on call until somebody takes it.")
            return go(request, "escalation:shift-list")
    context = {"form": form, "schedule": schedule}
    return render(request, "escalation/swap/form.html", context, status=422 if form.errors else 200)


@require_POST
def swap_take(request: HtmxRequest, swap: str) -> HttpResponse:
    """Take it: I am on call instead of them."""
    found = get_object_or_404(ShiftSwap, ref=swap)
    try:
        take_swap(found, by=request.actor, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Thank you: you are on call instead of {found.asked_by}.")
    return go(request, found)


@require_POST
def swap_cancel(request: HtmxRequest, swap: str) -> HttpResponse:
    """Take the question back."""
    found = get_object_or_404(ShiftSwap, ref=swap)
    try:
        cancel_swap(found, by=request.actor, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Nobody is asked any more.")
    return go(request, found)


def _moment(text: str) -> object:
    """What an address names as a moment, to the minute; nothing for anything else."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return whole_minute(moment) if moment and moment.tzinfo else None
