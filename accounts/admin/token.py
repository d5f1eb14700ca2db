"""Keys for machines."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.actions.token import create_token, revoke_token
from accounts.forms.token import TokenForm
from accounts.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Made here or by `manage.py token create`, shown once, then only revoked."""

    form = TokenForm
    list_display = ["prefix", "user", "name", "scope", "created_at", "last_used_at", "revoked_at"]
    list_filter = ["scope"]
    list_select_related = ["user"]
    search_fields = ["prefix", "name", "user__handle"]
    actions = ["revoke"]

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """By the action; the key itself is told to the admin, once."""
        actor, asked = request.actor, form.cleaned_data  # type: ignore[attr-defined]
        token, key = create_token(
            asked["user"], by=actor, now=timezone.now(), scope=asked["scope"], name=asked["name"]
        )
        obj.__dict__.update(token.__dict__)
        messages.warning(request, f"The key, shown only now: {key}")

    @admin.action(description="Revoke the chosen keys for good", permissions=["add"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        """End them."""
        for token in chosen:
            revoke_token(token, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
        messages.success(request, f"Revoked: {', '.join(token.prefix for token in chosen)}.")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
