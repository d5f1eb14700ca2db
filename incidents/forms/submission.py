"""What every form of the room that posts words carries: a key, so that a double press posts once."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from core.errors import InvalidInput
from core.moments import parse_to_come
from incidents.queries.room import Room

LONG_ENOUGH = 100  # characters: a field for words, which the browser keeps until they were taken (static/js/drafts.js)


class RoomForm(forms.Form):
    """A form about one room. Its key is made when it is shown, and comes back with the press."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    prefix_of_ids = "room"

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        self.room = room
        kwargs["initial"] = {"submission_key": uuid.uuid4(), **kwargs.get("initial", {})}
        kwargs["auto_id"] = f"{self.prefix_of_ids}-%s"
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            is_for_words = isinstance(field, forms.CharField) and (field.max_length or LONG_ENOUGH) >= LONG_ENOUGH
            if is_for_words and not field.widget.is_hidden:
                field.widget.attrs.setdefault("data-draft", f"{self.prefix_of_ids}-{name}")

    @property
    def now(self) -> datetime:
        """The moment of this request."""
        return self.room.now

    def put(self, **fields: Any) -> None:
        """Let the form come back with these fields, and everything else as it was typed."""
        self.data = {**{name: self.data.get(name) for name in self.data}, **fields}

    def see_again(self) -> None:
        """Somebody else was quicker: take what they wrote as seen. Forms that send what they have seen say how."""

    def words(self) -> dict[str, Any]:
        """What the action is called with."""
        return dict(self.cleaned_data)

    def prefill(self, asked: Mapping[str, str]) -> None:
        """What the address that opens the form fills in beforehand."""
        for name in self.fields:
            if name in asked:
                self.initial[name] = asked[name][:200]

    def tells(self) -> list[str]:
        """What else stands beside the button: of what was chosen."""
        return []

    def to_come(self, field: str) -> datetime | None:
        """What was typed as a moment to come in the viewer's zone, or None for nothing. Raises ValidationError."""
        typed = self.cleaned_data[field].strip()
        try:
            return parse_to_come(typed, now=self.now, zone=self.room.viewer.zone) if typed else None
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error
