"""Declaring: two fields that count, a service if it is known, and the key of this press."""

import uuid
from typing import Any

from django import forms
from django.db.models import TextField

from core.prepared import Given, Prepared
from escalation.models import Service
from incidents.actions.declare import LONGEST_SUMMARY
from incidents.models import Level, Runbook
from incidents.queries.declaration import Declaration

ACTIVE_SERVICE = Prepared(lambda: Service.objects.filter(slug=Given("slug", TextField()), is_active=True))


class ServiceField(forms.ModelChoiceField):
    """A service in use, by its slug; none when nobody chose one."""

    def to_python(self, value: object) -> Service | None:
        """The service called `value`. Raises ValidationError when there is none."""
        if value in self.empty_values:
            return None
        self.validate_no_null_characters(value)
        found = ACTIVE_SERVICE.first(slug=str(value))
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return found


class DeclareForm(forms.Form):
    """Level and summary; nothing is chosen beforehand but what the address asks for.

    The level travels by its name, so that a form from before a change of the policy still means what it said.
    """

    level = forms.CharField(required=False)
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
    service = ServiceField(
        Service.objects.filter(is_active=True),
        required=False,
        to_field_name="slug",
        empty_label="I do not know yet",
        error_messages={"invalid_choice": "There is no such service any more; choose another, or none."},
    )
    runbook = forms.CharField(required=False)
    is_private = forms.BooleanField(required=False, label="Private: only those who are in it see it")
    is_drill = forms.BooleanField(required=False, label="A drill: an exercise, marked so everywhere")
    submission_key = forms.UUIDField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": "Reload the page and declare again."}
    )

    def __init__(self, *args: Any, offer: Declaration, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        self.fields["submission_key"].initial = uuid.uuid4
        self.fields["summary"].widget.attrs["autofocus"] = not self.is_bound

    field_order = ("runbook", "level")

    def clean_runbook(self) -> Runbook | None:
        """The runbook of the version in force that has this slug; none when nobody chose one."""
        slug = self.cleaned_data["runbook"]
        found = self.offer.runbook_named(slug)
        if slug and found is None:
            raise forms.ValidationError("There is no such runbook any more; choose another, or none.")
        return found

    def clean_level(self) -> Level:
        """The level of the version in force that has this name; without one, that of the chosen scenario."""
        scenario = self.cleaned_data.get("runbook")
        name = self.cleaned_data["level"] or (scenario.level if scenario else "")
        if not name:
            raise forms.ValidationError("Choose a level: how bad is it?")
        level = self.offer.level_named(name)
        if level is None:
            raise forms.ValidationError(f"“{name[:20]}” is not a level of the ladder in force; choose one of these.")
        return level

    @property
    def chosen_level(self) -> str:
        """The name of the level that is shown as chosen, or nothing."""
        scenario = self.offer.runbook_named(self.chosen_runbook)
        level = self.offer.level_named(str(self["level"].value() or (scenario.level if scenario else "")))
        return level.name if level else ""

    @property
    def chosen_runbook(self) -> str:
        """The slug of the scenario that is shown as chosen, or nothing."""
        return str(self["runbook"].value() or "")
