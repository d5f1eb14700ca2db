"""People."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils import timezone

from accounts.actions.user import set_user
from accounts.forms.user import PersonAddForm, PersonForm
from accounts.models import User

admin.site.unregister(Group)  # what a person may do is their access level


@admin.register(User)
class PersonAdmin(UserAdmin):
    """A person is switched off, not deleted: the record names them."""

    form = PersonForm
    add_form = PersonAddForm
    list_display = ["handle", "name", "access", "time_zone", "is_active", "last_login"]
    list_filter = ["access", "is_active", "teams"]
    search_fields = ["handle", "name", "email"]
    ordering = ["handle"]
    filter_horizontal = ()
    readonly_fields = ["last_login", "created_at"]
    fieldsets = [
        (None, {"fields": ["handle", "password", "name", "email", "phone", "time_zone", "single_keys"]}),
        ("What they may do", {"fields": ["access", "is_active"]}),
        ("Record", {"fields": ["created_at", "last_login"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["handle", "name", "email", "phone", "time_zone", "access"]}),
        ("Password", {"fields": ["usable_password", "password1", "password2"]}),
    ]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """By the action; its form has asked it before."""
        set_user(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
        if not change and obj.email:
            messages.info(request, f"{obj} is rung at {obj.email} until they say otherwise on their own page.")
        elif not change:
            messages.warning(request, f"{obj} has no contact point yet: add one, or pages cannot reach them.")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
