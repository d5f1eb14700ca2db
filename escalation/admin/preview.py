"""Admin pages that show what a change would do before it is saved."""

from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from escalation.actions.preview import preview_change
from escalation.models import Schedule
from escalation.queries.calendar import Zones

WISH = "_preview"
AHEAD = timedelta(days=28)
OWN = {WISH, "csrfmiddlewaretoken"}


class SeenBeforeSaved(admin.ModelAdmin):
    """A schedule with a button Preview: its next four weeks, as they are and as they would be.

    The very save is carried out and undone, so whatever the form holds is in it: layers, overrides, temporary
    schedules. The page that shows it holds the form again, out of sight, with a button that saves.
    """

    change_form_template = "admin/escalation/schedule/change_form.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show instead of save when Preview was pressed, unless the form has faults: then these."""
        ask = partial(super().changeform_view, request, object_id, form_url, extra_context)
        schedule = self.get_object(request, unquote(object_id)) if object_id else None
        if request.method != "POST" or WISH not in request.POST or not isinstance(schedule, Schedule):
            return ask()
        answers: list[HttpResponse] = []
        now, viewer = timezone.now(), request.user.zone  # type: ignore[union-attr]
        zones = Zones(viewer, ZoneInfo(schedule.time_zone))
        preview = preview_change(schedule, lambda: answers.append(ask()), now, now + AHEAD, zones=zones, now=now)
        if not isinstance(answers[0], _Seen):
            return answers[0]
        typed = [(name, value) for name, values in request.POST.lists() for value in values if name not in OWN]
        context = {**self.admin_site.each_context(request), "schedule": schedule, "preview": preview, "typed": typed}
        return TemplateResponse(request, "admin/escalation/schedule/preview.html", context)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Say nothing of a save that is about to be undone."""
        return _Seen() if WISH in request.POST else super().response_change(request, obj)


class _Seen(HttpResponse):
    """The form was good, and what it would save can be looked at."""
