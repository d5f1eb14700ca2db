"""What should have followed and did not, to be read, tried again now, or dropped."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from comms.actions.failed_receiver import drop_failed_receiver, try_again_now
from comms.models import FailedReceiver
from core.errors import Refused


@admin.register(FailedReceiver)
class FailedReceiverAdmin(admin.ModelAdmin):
    """Every one that failed, those that are still tried first."""

    list_display = ["failed_at", "receiver", "name", "tries", "error", "wake_at", "done_at", "dropped_at"]
    list_filter = ["receiver", ("wake_at", admin.EmptyFieldListFilter)]
    actions = ["try_again", "drop"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: two actions are all."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    @admin.action(description="Try again now", permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[FailedReceiver]) -> None:
        """The next sweep takes them."""
        self._act(request, queryset, try_again_now)

    @admin.action(description="Drop: somebody has seen to it", permissions=["view"])
    def drop(self, request: HttpRequest, queryset: QuerySet[FailedReceiver]) -> None:
        """They are tried no more."""
        self._act(request, queryset, drop_failed_receiver)

    def _act(self, request: HttpRequest, rows: QuerySet[FailedReceiver], action: Any) -> None:
        for row in rows:
            try:
                action(row, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
            except Refused as refusal:
                messages.error(request, f"{row}: {refusal}")
