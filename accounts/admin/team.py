"""Teams."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.actions.team import set_team
from accounts.models import Team


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    """People who own services and are told together."""

    list_display = ["name", "slug"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["members"]

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: bool) -> None:
        """By the action, members included."""
        members = form.cleaned_data["members"]
        set_team(obj, by=request.actor, now=timezone.now(), members=members)  # type: ignore[attr-defined]
