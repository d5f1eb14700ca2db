"""Which part of a schedule a person wants to see, as an address says it: `?view=month&from=2026-11-01`."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from core.moments import YEARS
from escalation.enums import CalendarView
from escalation.queries.calendar import Window, window_of

VIEWS = ", ".join(CalendarView.values)


class CalendarForm(forms.Form):
    """A view, and a day of the reader's zone that it begins with or holds. Both may be left out."""

    view = forms.ChoiceField(
        choices=CalendarView.choices,
        required=False,
        error_messages={"invalid_choice": f"There is no view “%(value)s”; it is one of {VIEWS}."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sentence = "A day is written like 2026-11-01."
        self.fields["from"] = forms.DateField(
            required=False, input_formats=["%Y-%m-%d"], error_messages={"invalid": sentence}
        )

    def clean_from(self) -> date | None:
        """Refuse years that no record holds."""
        day: date | None = self.cleaned_data["from"]
        if day and day.year not in YEARS:
            raise ValidationError(f"A day lies between {YEARS[0]} and {YEARS[-1]}.")
        return day

    def window(self, now: datetime, zone: ZoneInfo) -> Window:
        """What to draw: whatever was refused or left out is today, and the fortnight."""
        asked = self.cleaned_data if self.is_valid() else {}
        view = CalendarView(asked.get("view") or CalendarView.FORTNIGHT)
        return window_of(view, asked.get("from") or now.astimezone(zone).date(), zone)

    @property
    def refusal(self) -> str:
        """Why today is shown instead of what was asked, in a sentence; nothing when it was no nonsense."""
        return " ".join(str(sentence) for errors in self.errors.values() for sentence in errors)
