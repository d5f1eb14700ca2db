"""The one line in which a room is written."""

from typing import Any

from django import forms

from incidents.forms.attachment import FilesField
from incidents.forms.submission import RoomForm

PLACEHOLDER = "What just happened?  14:15 block rate spike begins"


class ComposerForm(RoomForm):
    """A note, a note dated back, files alone, or a command."""

    prefix_of_ids = "composer"

    line = forms.CharField(
        label="What just happened?",
        strip=False,
        required=False,
        max_length=10_200,
        error_messages={
            "max_length": "The text has %(show_value)d characters and an entry holds 10,000; split it.",
        },
        widget=forms.Textarea(
            attrs={
                "rows": 1,
                "placeholder": PLACEHOLDER,
                "data-draft": "line",
                "data-key": "n",
                "data-key-label": "Write a note",
                "autocomplete": "off",
                "enterkeyhint": "enter",
                "aria-describedby": "composer-said",
                "aria-controls": "composer-help",
                "aria-autocomplete": "list",
            }
        ),
    )
    file = FilesField(label="Files", required=False)

    def clean(self) -> dict[str, Any]:
        """Words or files: something is posted."""
        said = self.cleaned_data
        if "line" in said and not said["line"].strip() and not said.get("file") and not self.has_error("file"):
            self.add_error("line", "There is nothing written yet.")
        return said

    @property
    def refused(self) -> str:
        """Every sentence that stands beside the line."""
        return " ".join(str(sentence) for sentences in self.errors.values() for sentence in sentences)
