"""Declaring: two fields that count, a service if it is known, and the key of this press."""

import uuid
from typing import Any

from django import forms

from escalation.models import Service
from incidents.actions.declare import LONGEST_SUMMARY
from incidents.models import Level
from incidents.queries.declaration import Declaration


class DeclareForm(forms.Form):
    """Level and summary; nothing is chosen beforehand but what the address asks for.

    The level travels by its name, so that a form from before a change of the policy still means what it said.
    """

    level = forms.CharField(error_messages={"required": "Choose a level: how bad is it?"})
    summary = forms.CharField(
        max_length=LONGEST_SUMMARY,
        label="What is wrong?",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-draft": "declare"}),
        error_messages={
            "required": "Say in one line what is wrong.",
            "max_length": "The summary has %(show_value)d characters and one line holds %(limit_value)d; "
            "put the rest in the room.",
        },
    )
    service = forms.ModelChoiceField(
        Service.objects.filter(is_active=True),
        required=False,
        to_field_name="slug",
        empty_label="I do not know yet",
        error_messages={"invalid_choice": "There is no such service any more; choose another, or none."},
    )
    submission_key = forms.UUIDField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": "Reload the page and declare again."}
    )

    def __init__(self, *args: Any, offer: Declaration, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        self.fields["submission_key"].initial = uuid.uuid4
        self.fields["summary"].widget.attrs["autofocus"] = not self.is_bound

    def clean_level(self) -> Level:
        """The level of the version in force that has this name."""
        name = self.cleaned_data["level"]
        level = self.offer.level_named(name)
        if level is None:
            raise forms.ValidationError(f"“{name[:20]}” is not a level of the ladder in force; choose one of these.")
        return level

    @property
    def chosen_level(self) -> str:
        """The name of the level that is shown as chosen, or nothing."""
        level = self.offer.level_named(str(self["level"].value() or ""))
        return level.name if level else ""
