"""How people are reached."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from comms.actions.contact_point import set_contact_point
from comms.models import ContactPoint


@admin.register(ContactPoint)
class ContactPointAdmin(admin.ModelAdmin):
    """One way to one person. It is switched off, not deleted: the outbox names it."""

    list_display = ["user", "chain", "after_seconds", "transport", "address", "is_enabled", "verified_at"]
    list_filter = ["transport", "chain", "is_enabled"]
    list_select_related = ["user"]
    search_fields = ["user__handle", "user__name", "address"]
    fields = ["user", "chain", "after_seconds", "transport", "address", "secret", "is_enabled", "verified_at"]
    readonly_fields = ["verified_at"]

    def save_model(self, request: HttpRequest, obj: ContactPoint, form: Any, change: bool) -> None:
        """By the action."""
        set_contact_point(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
