"""The contact table."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from escalation.actions.role_contact import remove_role_contact, set_role_contact
from escalation.models import RoleContact


@admin.register(RoleContact)
class RoleContactAdmin(admin.ModelAdmin):
    """Whom to reach for what. Each row names exactly one: a person, whoever is on call, or somebody outside."""

    list_display = ["role", "who", "method", "respond_within", "position"]
    list_select_related = ["person", "schedule"]
    search_fields = ["role", "outside", "method"]
    fields = ["role", "person", "schedule", "outside", "method", "respond_within", "position"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One at a time."""
        return obj is not None and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: RoleContact, form: Any, change: bool) -> None:
        """By the action."""
        set_role_contact(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: RoleContact) -> None:
        """By the action."""
        remove_role_contact(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
