"""Forms that name another incident."""

from typing import Any

from django import forms

from incidents.enums import Relation
from incidents.forms.submission import RoomForm
from incidents.models import Incident
from incidents.queries.incident import incident_called


class OtherForm(RoomForm):
    """Another incident that the writer may see, by its reference or its number."""

    prefix_of_ids = "other"

    other = forms.CharField(
        label="Which incident?",
        max_length=40,
        widget=forms.TextInput(
            attrs={"placeholder": "INC-20260418-0042, or 42", "autocomplete": "off", "list": "room-incidents-list"}
        ),
    )

    def clean_other(self) -> Incident:
        """The incident itself."""
        typed = self.cleaned_data["other"]
        found = incident_called(typed, self.room.viewer)
        if found is None:
            raise forms.ValidationError(f"There is no incident {typed.strip()}.")
        return found

    def words(self) -> dict[str, Any]:
        """Without the key: the same again changes nothing."""
        return {name: value for name, value in self.cleaned_data.items() if name != "submission_key"}


class LinkForm(OtherForm):
    """What this one has to do with the other."""

    prefix_of_ids = "link"

    relation = forms.ChoiceField(
        label="This one is", choices=[(each.value, each.label) for each in (Relation.RELATED, Relation.CAUSED_BY)]
    )
    field_order = ("relation", "other")
