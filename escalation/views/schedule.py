"""Who is on call, and a schedule drawn by month, week or fortnight."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.htmx import HtmxRequest
from escalation.enums import CalendarView
from escalation.forms.calendar import CalendarForm
from escalation.models import Schedule
from escalation.permissions import can_override
from escalation.queries.calendar import calendar_of
from escalation.queries.calendar_source import sources_of
from escalation.queries.oncall import on_call_board
from escalation.queries.override import overrides_ahead
from escalation.queries.temporary_schedule import temporary_ahead


@require_safe
def schedule_list(request: HtmxRequest) -> HttpResponse:
    """Every schedule with who is on call, until when, and who comes next."""
    context = {"rows": on_call_board(timezone.now()), "views": CalendarView}
    return render(request, "escalation/schedule/list.html", context)


@require_safe
def schedule_detail(request: HtmxRequest, slug: str) -> HttpResponse:
    """One schedule in the reader's zone; an address that asks for nonsense shows today, and says why."""
    schedule, now = get_object_or_404(Schedule, slug=slug), timezone.now()
    form = CalendarForm(request.GET)
    calendar = calendar_of(schedule, form.window(now, request.user.zone), now)
    context = {"schedule": schedule, "calendar": calendar, "refusal": form.refusal, "views": CalendarView}
    context |= {"overrides": overrides_ahead(schedule, now), "can_override": can_override(request.actor)}
    context |= {"sources": sources_of(schedule), "plans": temporary_ahead(schedule, now)}
    return render(request, "escalation/schedule/detail.html", context)
