"""Business hours as an admin fills them in."""

from django import forms

from escalation.forms.days import DaysField, WeekdaysField
from escalation.models import BusinessHours


class BusinessHoursForm(forms.ModelForm):
    """One desk: its days, its hours and its holidays."""

    workdays = WeekdaysField(help_text="The days on which it opens.")
    holidays = DaysField(required=False, help_text="Days on which it does not open, one a line, like 2026-12-25.")

    class Meta:
        model = BusinessHours
        fields = ["name", "slug", "time_zone", "workdays", "opens_at", "closes_at", "holidays"]
