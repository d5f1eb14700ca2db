"""The outbox, to be read: was Ana told, and if not, why not?"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from comms.enums import FOR_ONE_PAIR_OF_EYES
from comms.models import Delivery, Message


class DeliveryRows(admin.TabularInline):
    """The attempts of one message."""

    model = Delivery
    fields = ["number", "transport", "started_at", "ended_at", "outcome", "detail", "report", "report_detail"]
    ordering = ["number"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """Every row with its reason and its attempts. Private ones only for those whom they let in."""

    list_display = ["created_at", "kind", "urgency", "user", "subscription", "subject", "status", "not_sent_reason"]
    list_filter = ["status", "kind", "urgency", "transport"]
    list_select_related = ["user", "subscription"]
    search_fields = ["subject", "user__handle", "subject_key", "address"]
    date_hierarchy = "created_at"
    inlines = [DeliveryRows]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What the reader may know of."""
        return Message.objects.visible_to(request.actor.user).order_by("-created_at", "-pk")  # type: ignore[attr-defined]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The link of a page is its person's key to answer, and nobody else's; so is a code."""
        return ["link", "body"] if obj is not None and obj.kind in FOR_ONE_PAIR_OF_EYES else ["link"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
