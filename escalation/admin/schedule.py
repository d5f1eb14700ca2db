"""Schedules: rotations with their people in order, overrides, and the shifts that come of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from escalation.actions.schedule import (
    add_override,
    cancel_override,
    remove_rotation,
    remove_schedule,
    set_rotation,
    set_schedule,
)
from escalation.forms.schedule import OverrideForm, OverrideFormSet, RotationForm
from escalation.models import Override, Rotation, Schedule
from escalation.queries.oncall import LOOK_AHEAD, NamedShift, shifts_between
from escalation.templatetags.zones import in_zone


class RotationInline(admin.StackedInline):
    """The layers; the higher rank wins, equal ranks are on call together."""

    model = Rotation
    form = RotationForm
    extra = 0
    fields = [
        ("name", "rank"),
        ("unit", "length"),
        ("starts_on", "hands_off_at"),
        "people",
        ("time_zone", "ends_at"),
    ]


class OverrideInline(admin.TabularInline):
    """Spans in which somebody else is on call; the newest wins. They are cancelled, never deleted."""

    model = Override
    form = OverrideForm
    formset = OverrideFormSet
    fk_name = "schedule"
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Those that are not over yet."""
        return super().get_queryset(request).filter(ends_at__gt=timezone.now(), cancelled_at__isnull=True)


@admin.register(Schedule)
class ScheduleAdmin(admin.ModelAdmin):
    """Who is on call when."""

    list_display = ["name", "slug", "time_zone"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RotationInline, OverrideInline]
    readonly_fields = ["next_shifts"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One at a time."""
        return obj is not None and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Schedule) -> None:
        """By the action."""
        remove_schedule(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        """By the action."""
        set_schedule(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Rotations and overrides by their actions."""
        who = {"by": request.actor, "now": timezone.now()}  # type: ignore[attr-defined]
        formset.save(commit=False)
        for rotation in formset.deleted_objects:
            remove_rotation(rotation, **who)
        for one in formset.forms:
            if not one.has_changed() or one in formset.deleted_forms:
                continue
            if formset.model is Rotation:
                set_rotation(one.instance, turns=one.cleaned_data["people"], **who)
            elif one.instance.pk and one.cleaned_data["cancel"]:
                cancel_override(one.instance, **who)
            elif not one.instance.pk:
                add_override(one.instance, **who)

    @admin.display(description="The next 14 days")
    def next_shifts(self, schedule: Schedule) -> str | SafeString:
        """The final shifts of the saved schedule, in its own zone."""
        if not schedule.pk:
            return "Save it first."
        now = timezone.now()
        line = shifts_between(schedule, now, now + LOOK_AHEAD, now)
        rows = format_html_join("", "<li>{} to {}: {}</li>", (_row(schedule, shift) for shift in line))
        return format_html("<ol>{}</ol>", rows)


def _row(schedule: Schedule, shift: NamedShift) -> tuple[Any, Any, str]:
    who = ", ".join(str(user) for user in shift.users) or "nobody"
    return in_zone(shift.start, schedule.time_zone), in_zone(shift.end, schedule.time_zone), who
