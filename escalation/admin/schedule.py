"""Schedules: rotations with their people in order, overrides, and the shifts that come of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from escalation.actions.fixed_layer import remove_fixed_layer, set_fixed_layer
from escalation.actions.schedule import (
    add_override,
    cancel_override,
    remove_rotation,
    remove_schedule,
    set_rotation,
    set_schedule,
)
from escalation.actions.temporary_schedule import cancel_temporary_schedule, set_temporary_schedule
from escalation.admin.preview import SeenBeforeSaved
from escalation.forms.fixed_layer import FixedLayerForm, InItsZone, TemporaryScheduleForm
from escalation.forms.schedule import OverrideForm, OverrideFormSet, RotationForm
from escalation.models import FixedLayer, FixedShift, Override, Rotation, Schedule, TemporarySchedule
from escalation.queries.oncall import LOOK_AHEAD, NamedShift, shifts_between
from escalation.templatetags.zones import in_zone


class RotationInline(admin.StackedInline):
    """The layers; the higher rank wins, equal ranks are on call together."""

    model = Rotation
    form = RotationForm
    extra = 0
    fieldsets = [
        (None, {"fields": [("name", "rank"), ("length", "unit"), ("starts_on", "hands_off_at"), "people"]}),
        ("Only at some times", {"fields": ["restrictions", "hours"]}),
        (
            "More",
            {
                "classes": ["collapse"],
                "fields": ["active_days", "shift_length", "time_zone", ("starts_at", "ends_at")],
            },
        ),
    ]


class FixedLayerInline(admin.StackedInline):
    """Layers of single shifts, ranked among the rotations; nobody types in those that come from a calendar."""

    model = FixedLayer
    form = FixedLayerForm
    formset = InItsZone
    extra = 0
    fields = [("name", "rank"), "shifts"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Those that people typed."""
        return super().get_queryset(request).filter(source__isnull=True)


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


class TemporaryScheduleInline(admin.StackedInline):
    """Spans in which another plan counts. They are cancelled, never deleted."""

    model = TemporarySchedule
    form = TemporaryScheduleForm
    formset = InItsZone
    extra = 0
    can_delete = False
    fields = ["name", ("starts_at", "ends_at"), "shifts", "cancel"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Those that are not over yet."""
        return super().get_queryset(request).filter(ends_at__gt=timezone.now(), cancelled_at__isnull=True)


@admin.register(Schedule)
class ScheduleAdmin(SeenBeforeSaved):
    """Who is on call when."""

    list_display = ["name", "slug", "time_zone"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RotationInline, FixedLayerInline, OverrideInline, TemporaryScheduleInline]
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
        """Layers, overrides and temporary schedules by their actions."""
        who = {"by": request.actor, "now": timezone.now()}  # type: ignore[attr-defined]
        formset.save(commit=False)
        for row in formset.deleted_objects:
            REMOVE[type(row)](row, **who)
        for one in formset.forms:
            if one.has_changed() and one not in formset.deleted_forms:
                SET[formset.model](one, **who)

    @admin.display(description="The next 14 days")
    def next_shifts(self, schedule: Schedule) -> str | SafeString:
        """The final shifts of the saved schedule, in its own zone."""
        if not schedule.pk:
            return "Save it first."
        now = timezone.now()
        line = shifts_between(schedule, now, now + LOOK_AHEAD, now)
        rows = format_html_join("", "<li>{} to {}: {}</li>", (_row(schedule, shift) for shift in line))
        return format_html("<ol>{}</ol>", rows)


def _set_rotation(form: Any, **who: Any) -> None:
    set_rotation(form.instance, turns=form.cleaned_data["people"], **who)


def _set_fixed_layer(form: Any, **who: Any) -> None:
    set_fixed_layer(form.instance, shifts=_typed_shifts(form), **who)


def _set_override(form: Any, **who: Any) -> None:
    if form.instance.pk and form.cleaned_data["cancel"]:
        cancel_override(form.instance, **who)
    elif not form.instance.pk:
        add_override(form.instance, **who)


def _set_temporary(form: Any, **who: Any) -> None:
    if form.instance.pk and form.cleaned_data["cancel"]:
        cancel_temporary_schedule(form.instance, **who)
    else:
        set_temporary_schedule(form.instance, shifts=_typed_shifts(form), **who)


def _typed_shifts(form: Any) -> list[FixedShift] | None:
    """The shifts of the form, or None when nobody touched them: they stay the rows that they are."""
    return form.cleaned_data["shifts"] if "shifts" in form.changed_data else None


SET: dict[type, Callable[..., None]] = {
    Rotation: _set_rotation,
    FixedLayer: _set_fixed_layer,
    Override: _set_override,
    TemporarySchedule: _set_temporary,
}
REMOVE: dict[type, Callable[..., Any]] = {Rotation: remove_rotation, FixedLayer: remove_fixed_layer}


def _row(schedule: Schedule, shift: NamedShift) -> tuple[Any, Any, str]:
    who = ", ".join(str(user) for user in shift.users) or "nobody"
    return in_zone(shift.start, schedule.time_zone), in_zone(shift.end, schedule.time_zone), who
