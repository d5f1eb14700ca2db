"""How a person is reached, as they type it."""

from datetime import timedelta
from typing import Any

from django import forms

from accounts.models import User
from comms.enums import Transport, Urgency
from comms.models import ContactPoint
from comms.models.contact_point import moment_in_words

MOMENTS = (0, 60, 120, 300, 600, 900, 1800, 3600)


class ContactPointForm(forms.ModelForm):
    """A new address, or another one in its place. A browser is switched on in the browser itself."""

    class Meta:
        model = ContactPoint
        fields = ["transport", "address", "label"]
        labels = {"transport": "By", "label": "Called"}
        help_texts = {
            "address": "Like ana@example.org, +491701234567, a Slack member id, an https address or an Apprise URL.",
            "label": "If you like, as in “work phone”.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-select" if name == "transport" else "form-control"
        self.fields["transport"].choices = [  # type: ignore[attr-defined]
            choice for choice in Transport.choices if choice[0] != Transport.PUSH
        ]


class ContactRuleForm(forms.Form):
    """When one of a person's addresses is tried in one chain."""

    contact_point = forms.ModelChoiceField(ContactPoint.objects.none(), label="By", empty_label=None)
    after_seconds = forms.TypedChoiceField(label="When", coerce=int)
    chain = forms.ChoiceField(choices=Urgency.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["contact_point"]
        field.queryset = ContactPoint.objects.filter(user=person).order_by("pk")
        field.label_from_instance = lambda point: point.shown
        moments: Any = self.fields["after_seconds"]
        moments.choices = [(seconds, moment_in_words(timedelta(seconds=seconds)).lower()) for seconds in MOMENTS]


class CodeForm(forms.Form):
    """Six digits, with or without a blank."""

    code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$", max_length=12, error_messages={"invalid": "A code has six digits, like 123 456."}
    )
