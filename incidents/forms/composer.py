"""The one line in which a room is written."""

from django import forms

from incidents.forms.submission import RoomForm

PLACEHOLDER = "What just happened?  14:15 block rate spike begins"


class ComposerForm(RoomForm):
    """A note, a note dated back, or a command."""

    prefix_of_ids = "composer"

    line = forms.CharField(
        label="What just happened?",
        strip=False,
        max_length=10_200,
        error_messages={
            "required": "There is nothing written yet.",
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
