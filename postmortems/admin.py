"""Postmortems in the admin: to look at only, for they change by their own doors; a private one only to its people."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from postmortems.models import ActionItem, Postmortem, Review, Section


class ReadOnly:
    """Nobody adds, changes or deletes here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins."""
        return bool(getattr(request.user, "is_staff", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Admins."""
        return bool(getattr(request.user, "is_staff", False))


class SectionRows(ReadOnly, admin.TabularInline):
    """Its sections."""

    model = Section
    fields = readonly_fields = ("heading", "body", "revision", "edited_at", "edited_by")


class ReviewRows(ReadOnly, admin.TabularInline):
    """Its reviewers."""

    model = Review
    fields = readonly_fields = ("reviewer", "asked_at", "approved_at", "note")


class ActionItemRows(ReadOnly, admin.TabularInline):
    """Its action items."""

    model = ActionItem
    fields = readonly_fields = ("number", "text", "owner", "due_on", "done_at", "dropped_at", "dropped_reason")


@admin.register(Postmortem)
class PostmortemAdmin(ReadOnly, admin.ModelAdmin):
    """A list to look things up in."""

    list_display = ["incident", "status", "author", "due_at", "published_at"]
    list_filter = ["status"]
    search_fields = ["incident__reference", "incident__summary"]
    inlines = [SectionRows, ReviewRows, ActionItemRows]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What this admin may know of: being one opens no private incident."""
        if not isinstance(request.user, User):
            return Postmortem.objects.none()
        return Postmortem.objects.visible_to(request.user).select_related("incident", "author")
