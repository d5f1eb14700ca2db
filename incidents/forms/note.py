"""A note by the signed link of a page."""

import uuid

from django import forms


class NoteForm(forms.Form):
    """A few lines. Its key is made when it is shown, so that a double press posts once."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)
    text = forms.CharField(
        label="What do you see?",
        strip=False,
        error_messages={"required": "There is nothing written yet."},
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control", "autocomplete": "off"}),
    )
