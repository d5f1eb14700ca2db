"""Forms about hypotheses: put one forward, add evidence or a step."""

from django import forms

from incidents.enums import LineKind
from incidents.forms.submission import RoomForm


def confidence_field() -> forms.IntegerField:
    """In percent, if wanted."""
    return forms.IntegerField(
        label="How sure, in percent", required=False, min_value=0, max_value=100, help_text="If wanted."
    )


class HypothesisForm(RoomForm):
    """One line, and how sure."""

    prefix_of_ids = "hypothesis"

    text = forms.CharField(
        label="What may be behind it?",
        max_length=300,
        error_messages={"required": "Say in one line what may be behind it."},
        widget=forms.TextInput(attrs={"data-draft": "hypothesis"}),
    )
    confidence = confidence_field()


class LineForm(RoomForm):
    """Evidence, or a step to find out."""

    prefix_of_ids = "line"

    number = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="What did you see, or what is to be tried?",
        max_length=300,
        error_messages={"required": "Say in one line what you saw, or what to try."},
        widget=forms.TextInput(attrs={"data-draft": "evidence"}),
    )
    kind = forms.ChoiceField(
        label="It is", choices=LineKind.choices, initial=LineKind.EVIDENCE, widget=forms.RadioSelect
    )
    confidence = confidence_field()
