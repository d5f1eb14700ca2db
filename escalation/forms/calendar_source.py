"""A calendar that is kept somewhere else, as an admin brings it in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.models.user import validate_zone
from escalation.models import CalendarSource, Schedule
from escalation.queries.calendar_source import sources_of

MOST_BYTES = 5_000_000
# Django takes no form that is much longer.
MOST_KEPT = 1_000_000


class CalendarSourceForm(forms.Form):
    """An address or a file, and which layer it becomes."""

    name = forms.CharField(max_length=120, label="What the layer is called", initial="Imported")
    rank = forms.IntegerField(
        min_value=0, max_value=32767, initial=0, help_text="The higher rank wins; equal ranks are on call together."
    )
    url = forms.URLField(
        required=False,
        max_length=500,
        label="Its address",
        assume_scheme="https",
        help_text="An https address of an iCalendar (.ics). It is asked every few minutes.",
    )
    file = forms.FileField(required=False, label="Or a file", help_text="Read once; replace it when it changes.")
    time_zone = forms.CharField(
        required=False,
        validators=[validate_zone],
        help_text="For whole days and times without a zone, where the calendar does not say. Empty: the schedule's.",
    )

    # The file that was looked at before.
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def clean_file(self) -> str:
        """The text of it."""
        return text_of_file(self.cleaned_data["file"])

    def clean(self) -> dict[str, Any]:
        """`text` is the file, or the one that was looked at before."""
        asked = super().clean() or self.cleaned_data
        file = asked.pop("file", "")
        return {**asked, "text": file or asked.get("text", "")}

    def keep(self, text: str) -> bool:
        """Carry a file that was looked at along in the page, so that it need not be chosen again; whether it fits."""
        fits = len(text) <= MOST_KEPT
        self.data = {**{name: self.data[name] for name in self.data}, "text": text if fits else ""}
        return fits


def text_of_file(file: UploadedFile | None) -> str:
    """What an uploaded file says, nothing for none. Raises ValidationError for one that is too long."""
    if file is None:
        return ""
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError(f"The file is longer than {MOST_BYTES // 1_000_000} million bytes.")
    return str(file.read().decode("utf-8", errors="replace").replace("\0", ""))


class ChosenSourceForm(forms.Form):
    """Which one: a button of the page that lists them."""

    source = forms.ModelChoiceField(
        CalendarSource.objects.none(),
        error_messages={"invalid_choice": "This calendar was taken off before.", "required": "Say which."},
    )

    def __init__(self, *args: Any, schedule: Schedule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = sources_of(schedule)  # type: ignore[attr-defined]


class ReplacementForm(ChosenSourceForm):
    """Which one, and the file that takes its place."""

    file = forms.FileField(error_messages={"required": "Choose the file that takes its place."})

    def clean_file(self) -> str:
        """The text of it."""
        return text_of_file(self.cleaned_data["file"])
