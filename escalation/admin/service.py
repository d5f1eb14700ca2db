"""Services."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from core.moments import show_moment
from escalation.actions.service import set_service
from escalation.models import Service
from escalation.queries.maintenance import with_maintenance


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):
    """What can break, who owns it, and which policy rings for it."""

    list_display = ["name", "slug", "team", "owner", "policy", "is_active", "maintenance"]
    list_select_related = ["team", "owner", "policy"]
    list_filter = ["is_active", "team"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    @admin.display(description="Maintenance")
    def maintenance(self, service: Service) -> str:
        """Until when pages of machines about it wait."""
        until: datetime | None = service.maintenance_ends_at  # type: ignore[attr-defined]
        return f"until {show_moment(until)}" if until else ""

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the end of the maintenance that runs."""
        return with_maintenance(super().get_queryset(request), timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: the record names it. It is switched off by “is active”."""
        return False

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        """By the action."""
        set_service(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
