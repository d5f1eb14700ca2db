"""Deciding what a runbook asks."""

from typing import Any

from django import forms

from incidents.forms.submission import RoomForm
from incidents.queries.room import Room


class DecideForm(RoomForm):
    """What was decided, in one line, about one critical decision."""

    prefix_of_ids = "decide"

    decision = forms.ChoiceField(label="Decision")
    text = forms.CharField(
        label="Decided",
        max_length=300,
        widget=forms.TextInput(attrs={"data-draft": "decided", "placeholder": "Fail over to the replica"}),
        error_messages={"required": "Say in one line what was decided."},
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, **kwargs)
        choices = [(row.subject_key, row.subject.removeprefix("Decide: ")) for row in room.critical]
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]

    def words(self) -> dict[str, Any]:
        """The decision's key and the words."""
        return {"decision": self.cleaned_data["decision"], "text": self.cleaned_data["text"]}
