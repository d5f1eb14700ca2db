"""Business hours."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from escalation.actions.business_hours import remove_business_hours, set_business_hours
from escalation.forms.business_hours import BusinessHoursForm
from escalation.models import BusinessHours
from escalation.templatetags.zones import in_zone


@admin.register(BusinessHours)
class BusinessHoursAdmin(admin.ModelAdmin):
    """The hours by which rotations and steps may be restricted."""

    form = BusinessHoursForm
    list_display = ["name", "slug", "time_zone", "opens_at", "closes_at"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["next_days"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One at a time."""
        return obj is not None and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: BusinessHours) -> None:
        """By the action."""
        remove_business_hours(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def save_model(self, request: HttpRequest, obj: BusinessHours, form: Any, change: bool) -> None:
        """By the action."""
        set_business_hours(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    @admin.display(description="Open in the next 7 days")
    def next_days(self, hours: BusinessHours) -> str | SafeString:
        """The saved hours of a week, in their own zone."""
        if not hours.pk:
            return "Save it first."
        calendar = hours.calendar
        today = timezone.now().astimezone(calendar.zone).date()
        open_days = [day for day in (today + timedelta(days=n) for n in range(7)) if calendar.is_open_on(day)]
        spans = [[in_zone(edge, hours.time_zone) for edge in calendar.hours_of(day)] for day in open_days]
        return format_html_join("", "<p>{} to {}</p>", spans) or "Not at all."
