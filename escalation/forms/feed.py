"""A calendar feed as a person asks for it."""

from typing import Any

from django import forms

from escalation.models import Schedule

REMINDERS = [("15", "15 min before"), ("60", "1 hour before"), ("1440", "1 day before")]


class FeedForm(forms.Form):
    """Whose shifts, and which alarms the calendar program is to ring."""

    schedule = forms.ModelChoiceField(
        Schedule.objects.all(),
        to_field_name="slug",
        required=False,
        label="What is in it",
        empty_label="All my shifts, in every schedule",
    )
    reminders = forms.MultipleChoiceField(
        choices=REMINDERS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Reminders in the calendar",
        help_text="Many programs have reminders of their own; then leave these off.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["schedule"].label_from_instance = "Everybody in {}".format  # type: ignore[attr-defined]

    def clean_reminders(self) -> list[int]:
        """Minutes."""
        return [int(minutes) for minutes in self.cleaned_data["reminders"]]
