"""How people are reached."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from comms.actions.contact_point import remove_contact_rule, set_contact_point, set_contact_rule
from comms.models import ContactPoint, ContactRule


@admin.register(ContactPoint)
class ContactPointAdmin(admin.ModelAdmin):
    """One way to one person. It is switched off, not deleted: the outbox names it."""

    list_display = ["user", "transport", "address", "label", "is_enabled", "verified_at"]
    list_filter = ["transport", "is_enabled", ("verified_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__handle", "user__name", "address", "label"]
    fields = ["user", "transport", "address", "label", "secret", "is_enabled", "verified_at"]
    readonly_fields = ["verified_at"]

    def save_model(self, request: HttpRequest, obj: ContactPoint, form: Any, change: bool) -> None:
        """By the action."""
        set_contact_point(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(ContactRule)
class ContactRuleAdmin(admin.ModelAdmin):
    """When a contact point is tried. Who has no rule in a chain is reached in the standard order."""

    list_display = ["contact_point", "chain", "after_seconds"]
    list_filter = ["chain", "contact_point__transport"]
    list_select_related = ["contact_point__user"]
    search_fields = ["contact_point__user__handle", "contact_point__user__name", "contact_point__address"]
    autocomplete_fields = ["contact_point"]
    fields = ["contact_point", "chain", "after_seconds"]

    def save_model(self, request: HttpRequest, obj: ContactRule, form: Any, change: bool) -> None:
        """By the action."""
        set_contact_rule(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: ContactRule) -> None:
        """By the action."""
        remove_contact_rule(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ContactRule]) -> None:
        """By the action, one by one."""
        for rule in queryset:
            self.delete_model(request, rule)
