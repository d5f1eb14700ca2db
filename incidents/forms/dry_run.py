"""At which moment and level the dry run is asked."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from escalation.forms.moment import LocalMomentField
from escalation.models import Service
from incidents.queries.declaration import Declaration


class DryRunForm(forms.Form):
    """A moment (empty: now) and a level; before a declaration also the service."""

    level = forms.ChoiceField(
        required=False,
        label="At which level?",
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": "There is no such level; choose one of these."},
    )
    service = forms.ModelChoiceField(
        Service.objects.filter(is_active=True).select_related("policy"),
        required=False,
        to_field_name="slug",
        label="Which service?",
        empty_label="I do not know yet",
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": "There is no such service; choose another, or none."},
    )

    def __init__(self, *args: Any, offer: Declaration | None, zone: ZoneInfo, of_policy: bool = False) -> None:
        super().__init__(*args)
        names = [card.level.name for card in offer.cards] if offer else []
        any_level = [("", "Any level")] if of_policy else []
        self.fields["level"].choices = any_level + [(name, name) for name in names]  # type: ignore[attr-defined]
        self.fields["at"] = LocalMomentField(zone=zone, required=False, label="When?", help_text=f"In {zone.key}.")
        if of_policy:
            del self.fields["service"]
