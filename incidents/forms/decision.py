"""The form of a decision: one line; everything else is optional."""

from datetime import datetime

from django import forms

from incidents.forms.submission import RoomForm
from incidents.forms.task import WHEN


def optional(label: str, placeholder: str) -> forms.CharField:
    """A line that may stay empty."""
    widget = forms.TextInput(attrs={"placeholder": placeholder})
    return forms.CharField(label=label, required=False, max_length=200, widget=widget)


class DecisionForm(RoomForm):
    """What was decided, when to look again, and what could go wrong."""

    prefix_of_ids = "decision"

    text = forms.CharField(
        label="What was decided?",
        max_length=300,
        error_messages={"required": "Say in one line what was decided."},
        widget=forms.TextInput(attrs={"data-draft": "decision", "placeholder": "fail over to the replica"}),
    )
    check_at = forms.CharField(
        label="Look again in", required=False, max_length=20, widget=forms.TextInput(attrs=WHEN)
    )
    expected = optional("Expected signal", "errors below 1 %")
    risk = optional("Risk", "ten seconds without writes")
    way_back = optional("Way back", "fail over again")

    def clean_check_at(self) -> datetime | None:
        """The moment, or None."""
        return self.to_come("check_at")
