"""Who is on call, now and in the next two weeks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation.models import Schedule
from escalation.queries.oncall import LOOK_AHEAD, on_call_board, shifts_between


@require_safe
def schedule_list(request: HttpRequest) -> HttpResponse:
    """Every schedule with who is on call, until when, and who comes next."""
    return render(request, "escalation/schedule/list.html", {"rows": on_call_board(timezone.now())})


@require_safe
def schedule_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The next fourteen days of one schedule."""
    schedule = get_object_or_404(Schedule, slug=slug)
    now = timezone.now()
    shifts = shifts_between(schedule, now, now + LOOK_AHEAD, now)
    return render(request, "escalation/schedule/detail.html", {"schedule": schedule, "shifts": shifts})
