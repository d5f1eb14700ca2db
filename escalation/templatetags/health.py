"""How one schedule stands, for whatever page shows it: `{% load health %}{% schedule_health schedule %}`."""

from typing import Any

from django import template
from django.template import Context
from django.utils import timezone

from escalation.models import Schedule
from escalation.queries.health import health_of

register = template.Library()


@register.inclusion_tag("escalation/health/detail.html", takes_context=True)
def schedule_health(context: Context, schedule: Schedule) -> dict[str, Any]:
    """Gaps, empty shifts, people who cannot be rung, and the balance."""
    return {"health": health_of(schedule, timezone.now()), "request": context["request"]}
