"""What came in from outside, to be read: was Ana's SMS here, and what was it taken to mean?"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.enums import Via
from escalation.models import IncomingAnswer


@admin.register(IncomingAnswer)
class IncomingAnswerAdmin(admin.ModelAdmin):
    """Every message with what became of it, but those to pages of which the reader may not know.

    The reply to what answered no page may list pages, and a mail quotes what it answers: they are left out.
    """

    list_display = ["at", "via", "sender", "user", "meaning", "outcome", "reason", "page"]
    list_filter = ["outcome", "via"]
    list_select_related = ["user", "page"]
    search_fields = ["sender", "user__handle", "key"]
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What the reader may know of."""
        return IncomingAnswer.objects.visible_to(request.actor.user).order_by("-at", "-pk")  # type: ignore[attr-defined]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What answered no page may list or quote one of which the reader may not know."""
        if obj is None or obj.page_id is not None:
            return []
        return ["reply", "subject", "text"] if obj.via == Via.EMAIL else ["reply"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
