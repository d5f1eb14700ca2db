"""Words for the public, prefilled with those that the ladder has ready."""

from typing import Any

from django import forms

from incidents.actions.public_word import ready_words
from incidents.forms.submission import RoomForm
from incidents.queries.public_word import next_public_by
from incidents.queries.room import Room


class PublicForm(RoomForm):
    """What everybody outside may read."""

    prefix_of_ids = "public"

    text = forms.CharField(
        label="What the public reads",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4, "data-draft": "public"}),
        error_messages={"required": "There is nothing written yet."},
    )

    next_by = forms.DateTimeField(widget=forms.HiddenInput, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, **kwargs)
        if not self.is_bound:
            self.initial["text"] = ready_words(room.incident, now=room.now)
            self.initial["next_by"] = self._promised()
            self.initial["seen"] = room.newest_update

    def see_again(self) -> None:
        """What was typed stays and is to promise what can be kept by now; what the other one posted counts as read."""
        self.put(next_by=self._promised(), seen=self.room.newest_update)

    def _promised(self) -> str:
        """The moment of the next words that the ladder's words print."""
        moment = next_public_by(self.room.incident, now=self.now)
        return moment.isoformat() if moment else ""
