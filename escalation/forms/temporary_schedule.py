"""A temporary schedule as a responder makes it on the schedule's own page, and one that is to be cancelled."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from escalation.forms.fixed_layer import TemporaryScheduleForm, zone_of
from escalation.models import Schedule, TemporarySchedule
from escalation.queries.temporary_schedule import temporary_ahead


class NewTemporaryScheduleForm(TemporaryScheduleForm):
    """A name, a span and its shifts, in the zone of the schedule. Refuses a span that is over."""

    cancel = None  # type: ignore[assignment]

    class Meta:
        model = TemporarySchedule
        fields = ["name", "starts_at", "ends_at", "shifts"]

    def __init__(self, *args: Any, schedule: Schedule, now: datetime, **kwargs: Any) -> None:
        self.now = now
        super().__init__(
            *args, zone=zone_of(schedule), instance=TemporarySchedule(schedule=schedule, created_at=now), **kwargs
        )

    def clean_ends_at(self) -> datetime:
        """The past is settled."""
        ends_at: datetime = self.cleaned_data["ends_at"]
        if ends_at <= self.now:
            raise ValidationError("This span is over: who was on call then stays as it was.")
        return ends_at


class CancelTemporaryScheduleForm(forms.Form):
    """Which one: a button of the page that lists them."""

    temporary = forms.ModelChoiceField(
        TemporarySchedule.objects.none(),
        error_messages={
            "invalid_choice": "This temporary schedule is over, or was cancelled before.",
            "required": "Say which.",
        },
    )

    def __init__(self, *args: Any, schedule: Schedule, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["temporary"].queryset = temporary_ahead(schedule, now)  # type: ignore[attr-defined]
