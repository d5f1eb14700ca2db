"""Standing channels."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from comms.actions.subscription import set_subscription
from comms.forms.subscription import SubscriptionForm
from comms.models import Subscription


@admin.register(Subscription)
class SubscriptionAdmin(admin.ModelAdmin):
    """A place that is told. It is switched off, not deleted: the outbox names it."""

    form = SubscriptionForm
    list_display = ["name", "transport", "address", "is_enabled"]
    list_filter = ["transport", "is_enabled"]
    search_fields = ["name", "address"]

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        """By the action."""
        set_subscription(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
