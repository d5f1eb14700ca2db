"""The swaps of one schedule, for whatever page shows that schedule: `{% load swaps %}{% open_swaps schedule %}`."""

from typing import Any

from django import template
from django.template import Context
from django.utils import timezone

from escalation.models import Schedule
from escalation.permissions import can_take_swap
from escalation.queries.swap import open_swaps_of

register = template.Library()


@register.inclusion_tag("escalation/swap/_open.html", takes_context=True)
def open_swaps(context: Context, schedule: Schedule) -> dict[str, Any]:
    """What may be taken in `schedule`, with the button for whoever may; nothing at all when there is none."""
    request = context["request"]
    swaps = open_swaps_of(schedule, timezone.now())
    takeable = [swap for swap in swaps if can_take_swap(swap, request.actor)]
    return {"swaps": swaps, "takeable": takeable, "request": request, "csrf_token": context.get("csrf_token", "")}
