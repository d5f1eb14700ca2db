"""Plan B on one sheet of paper, and by mail."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.errors import Refused
from core.htmx import HtmxRequest, go
from escalation.actions.plan_b import ask_for_plan_b, stop_plan_b
from escalation.forms.plan_b import PlanBForm
from escalation.permissions import can_read_plan_b
from escalation.queries.plan_b import AHEAD, is_reader, plan_b_between


@require_safe
def plan_b_show(request: HtmxRequest) -> HttpResponse:
    """Contacts, the next seven days of on call, and numbers; made to be printed."""
    now = timezone.now()
    context = {
        "plan": plan_b_between(now, now + AHEAD),
        "is_reader": is_reader(request.user),
        "can_ask": can_read_plan_b(request.actor),
    }
    return render(request, "escalation/plan_b/detail.html", context)


@require_POST
def plan_b_mail(request: HtmxRequest) -> HttpResponse:
    """Get the sheet by mail from now on, or with `stop` no more."""
    form = PlanBForm(request.POST)
    try:
        if form.is_valid() and form.cleaned_data["stop"]:
            stop_plan_b(by=request.actor, now=timezone.now())
            messages.success(request, "You get plan B by mail no more.")
        else:
            ask_for_plan_b(by=request.actor, now=timezone.now())
            messages.success(request, "You get plan B by mail, and again whenever it changes.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return go(request, "escalation:plan-b")
