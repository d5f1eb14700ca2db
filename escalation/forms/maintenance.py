"""Beginning maintenance: which services, how long, why. Extending it: until when."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from escalation.forms.moment import LocalMomentField
from escalation.models import Service

LENGTHS = [("30", "30 min"), ("60", "1 hour"), ("120", "2 hours"), ("240", "4 hours, the longest there is")]


class MaintenanceForm(forms.Form):
    """What is worked on. Nothing is chosen beforehand but an hour."""

    services = forms.ModelMultipleChoiceField(
        Service.objects.filter(is_active=True),
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Say which services are worked on.",
            "invalid_choice": "There is no service “%(value)s” any more.",
        },
    )
    lasts = forms.ChoiceField(
        choices=LENGTHS,
        initial="60",
        label="For how long?",
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": "Choose how long."},
    )
    reason = forms.CharField(
        max_length=200,
        label="What is done?",
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text="One line: “Moving the database”. Whoever wonders at the silence reads it.",
        error_messages={"required": "Say in one line what is done: whoever wonders at the silence reads it."},
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_at"] = LocalMomentField(
            zone=zone, required=False, label="From when?", help_text=f"Empty: from now on. In {zone.key}."
        )

    def clean_lasts(self) -> timedelta:
        """Minutes as a duration."""
        return timedelta(minutes=int(self.cleaned_data["lasts"]))


class ExtensionForm(forms.Form):
    """Until when it shall last."""

    ends_at = forms.DateTimeField(
        input_formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"],
        error_messages={"required": "Say until when.", "invalid": "Say until when: that is no moment."},
    )
