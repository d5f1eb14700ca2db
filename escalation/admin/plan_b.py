"""Who gets plan B by mail."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from escalation.actions.plan_b import remove_plan_b_reader, set_plan_b_reader
from escalation.models import PlanBReader


@admin.register(PlanBReader)
class PlanBReaderAdmin(admin.ModelAdmin):
    """People ask by themselves; a standing channel, which may carry everybody's number to others, is set here."""

    list_display = ["__str__", "user", "subscription", "asked_by", "asked_at"]
    list_select_related = ["user", "subscription", "asked_by"]
    fields = ["user", "subscription"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Added or taken away, never changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One at a time."""
        return obj is not None and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: PlanBReader, form: Any, change: bool) -> None:
        """By the action."""
        set_plan_b_reader(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: PlanBReader) -> None:
        """By the action."""
        remove_plan_b_reader(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
