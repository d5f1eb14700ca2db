"""Forms that ask why."""

from typing import Any

from django import forms

from incidents.forms.submission import RoomForm
from incidents.models import Level
from incidents.queries.room import Room


class ReasonForm(RoomForm):
    """A few words; whether they are needed is the action's rule."""

    prefix_of_ids = "reason"

    reason = forms.CharField(
        label="Why?", required=False, max_length=300, widget=forms.TextInput(attrs={"data-draft": "reason"})
    )

    def words(self) -> dict[str, Any]:
        """The reason alone."""
        return {"reason": self.cleaned_data["reason"]}


class LevelForm(ReasonForm):
    """Another level of the incident's own ladder; to lower it needs a reason."""

    prefix_of_ids = "severity"

    level = forms.ChoiceField(label="Level", widget=forms.RadioSelect)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    field_order = ("level", "reason")

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, **kwargs)
        others = [level for level in room.levels if level.pk != room.incident.level_id]
        self.fields["level"].choices = [(level.name, f"{level.name}: {level.criteria}") for level in others]  # type: ignore[attr-defined]
        self.fields["reason"].help_text = "Needed to lower it."
        self.initial["seen"] = room.incident.level.name

    def clean_level(self) -> Level:
        """The level itself."""
        return next(level for level in self.room.levels if level.name == self.cleaned_data["level"])

    def see_again(self) -> None:
        """The level as it is now; what was chosen and typed stays."""
        self.put(seen=self.room.incident.level.name)

    def words(self) -> dict[str, Any]:
        """Level, reason, and the level that stood there."""
        return {name: self.cleaned_data[name] for name in ("level", "reason", "seen")}
