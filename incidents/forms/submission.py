"""What every form of the room that posts words carries: a key, so that a double press posts once."""

import uuid
from datetime import datetime
from typing import Any

from django import forms

from incidents.queries.room import Room


class RoomForm(forms.Form):
    """A form about one room. Its key is made when it is shown, and comes back with the press."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    prefix_of_ids = "room"

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        self.room = room
        kwargs["initial"] = {"submission_key": uuid.uuid4(), **kwargs.get("initial", {})}
        kwargs["auto_id"] = f"{self.prefix_of_ids}-%s"
        super().__init__(*args, **kwargs)

    @property
    def now(self) -> datetime:
        """The moment of this request."""
        return self.room.now

    def see_again(self) -> None:
        """Somebody else was quicker: take what they wrote as seen. Forms that send what they have seen say how."""

    def words(self) -> dict[str, Any]:
        """What the action is called with."""
        return dict(self.cleaned_data)
