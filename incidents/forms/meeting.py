"""When the postmortem meeting is."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

EXAMPLE = "2026-04-20 10:00"
FORMAT = "%Y-%m-%d %H:%M"


class MeetingForm(forms.Form):
    """One moment in the writer's zone."""

    at = forms.CharField(
        label="When?",
        max_length=20,
        widget=forms.TextInput(
            attrs={"class": "form-control", "placeholder": "2026-04-20 10:00", "autocomplete": "off"}
        ),
        error_messages={"required": "Say when, like “2026-04-20 10:00”."},
    )

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, zone: ZoneInfo, at: datetime | None, **kwargs: Any) -> None:
        self.zone = zone
        super().__init__(*args, **kwargs)
        self.initial["at"] = at.astimezone(zone).strftime(FORMAT) if at else ""
        self.initial["seen"] = at.isoformat() if at else ""

    def see_again(self, at: datetime | None) -> None:
        """Somebody else was quicker: what was typed stays, and theirs counts as seen."""
        self.data = {"at": self.data.get("at", ""), "seen": at.isoformat() if at else ""}

    def clean_seen(self) -> str | None:
        """The moment that stood there, empty for none; None where that was not sent."""
        return self.cleaned_data["seen"] if "seen" in self.data else None

    def clean_at(self) -> datetime:
        """The moment itself."""
        typed = self.cleaned_data["at"].strip().replace("T", " ")
        try:
            return datetime.strptime(typed, FORMAT).replace(tzinfo=self.zone)
        except ValueError as error:
            raise forms.ValidationError(f"“{typed}” is no moment; write it like “2026-04-20 10:00”.") from error
