"""Services."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from escalation.actions.service import set_service
from escalation.models import Service


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):
    """What can break, who owns it, and which policy rings for it."""

    list_display = ["name", "slug", "team", "owner", "policy", "is_active"]
    list_select_related = ["team", "owner", "policy"]
    list_filter = ["is_active", "team"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: the record names it. It is switched off by “is active”."""
        return False

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        """By the action."""
        set_service(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
