"""An action item: what, by whom, until when; and why not, when it is dropped."""

import uuid
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from postmortems.actions.action_item import LONGEST_TEXT

EXAMPLE = "write it like 2026-05-02."


class ActionItemForm(forms.Form):
    """What, who, when. The key of this press lets a second one add nothing."""

    text = forms.CharField(
        max_length=LONGEST_TEXT,
        error_messages={
            "required": "Say what will be changed: specific and testable.",
            "max_length": "The action has %(show_value)d characters and holds %(limit_value)d; make two of it.",
        },
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        to_field_name="handle",
        empty_label="Choose an owner",
        error_messages={
            "required": "Name one person who owns it.",
            "invalid_choice": "There is nobody of this handle who may own it; choose a person of the list.",
        },
    )
    due_on = forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": f"Name the day by which it is done; {EXAMPLE}",
            "invalid": f"That is not a day; {EXAMPLE}",
        },
    )
    submission_key = forms.UUIDField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": "Reload the page and press again."}
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
        self.fields["submission_key"].initial = uuid.uuid4

    @property
    def item_fields(self) -> dict[str, Any]:
        """The cleaned fields of the item itself, without the key of the press."""
        return {name: self.cleaned_data[name] for name in ("text", "owner", "due_on")}


class DropForm(forms.Form):
    """Why it will not be done."""

    reason = forms.CharField(
        max_length=200,
        error_messages={
            "required": "Say why it will not be done.",
            "max_length": "The reason has %(show_value)d characters and holds %(limit_value)d.",
        },
    )
