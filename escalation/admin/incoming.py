"""What came in from outside, to be read: was Ana's SMS here, and what was it taken to mean?"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from escalation.models import IncomingAnswer


@admin.register(IncomingAnswer)
class IncomingAnswerAdmin(admin.ModelAdmin):
    """Every message with what became of it, but those to pages of which the reader may not know."""

    list_display = ["at", "via", "sender", "user", "meaning", "outcome", "reason", "page"]
    list_filter = ["outcome", "via"]
    list_select_related = ["user", "page"]
    search_fields = ["sender", "user__handle", "key"]
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What the reader may know of."""
        return IncomingAnswer.objects.visible_to(request.actor.user).order_by("-at", "-pk")  # type: ignore[attr-defined]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
