"""What a person may answer to a page, as buttons send it."""

from datetime import datetime, timedelta

from django import forms

CANNOT = "cannot"
ON_IT = "on_it"
MINUTES = (5, 15, 30)
CHOICES = [(ON_IT, "I’m on it"), *[(str(minutes), f"In {minutes} min") for minutes in MINUTES], (CANNOT, "I cannot")]


class AnswerForm(forms.Form):
    """One press of one button. An empty answer is “I'm on it”, so that a bare post acknowledges."""

    answer = forms.ChoiceField(
        choices=CHOICES,
        required=False,
        error_messages={"invalid_choice": "Press one of the buttons: on it, 5, 15 or 30 min, or cannot."},
    )

    @property
    def declines(self) -> bool:
        """Whether the answer is “I cannot”."""
        return self.cleaned_data["answer"] == CANNOT

    def arrives_at(self, now: datetime) -> datetime | None:
        """When they will be there, or None for at once."""
        answer = self.cleaned_data["answer"]
        return now + timedelta(minutes=int(answer)) if answer.isdigit() else None
