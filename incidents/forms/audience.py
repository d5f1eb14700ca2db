"""Who may see a private incident."""

from typing import Any

from django import forms

from accounts.models import User
from incidents.forms.people import HANDLES, people_named
from incidents.forms.reason import ReasonForm


class AudienceForm(ReasonForm):
    """One person, and why they must see it."""

    prefix_of_ids = "audience"

    user = forms.CharField(
        label="Let in", max_length=60, widget=forms.TextInput(attrs={**HANDLES, "placeholder": "@ana"})
    )
    field_order = ("user", "reason")

    def clean_user(self) -> User:
        """The person."""
        people = people_named(self.cleaned_data["user"])
        if len(people) != 1:
            raise forms.ValidationError("Name one person, like @ana.")
        return people[0]

    def words(self) -> dict[str, Any]:
        """The person and the reason."""
        return {"user": self.cleaned_data["user"], "reason": self.cleaned_data["reason"]}


class EnterForm(forms.Form):
    """Which private incident an admin must see, and why."""

    reference = forms.CharField(
        label="Reference",
        max_length=24,
        widget=forms.TextInput(attrs={"placeholder": "INC-20260418-0042", "autocomplete": "off"}),
    )
    reason = forms.CharField(label="Why?", max_length=200)
