"""How an item of the checklist stands, with words and a file."""

from typing import Any

from django import forms

from incidents.enums import CheckOutcome
from incidents.forms.attachment import ACCEPTED
from incidents.forms.submission import RoomForm
from incidents.queries.room import Room

SAYS = [
    (CheckOutcome.PASSED, "Done, or seen and it holds"),
    (CheckOutcome.FAILED, "Seen, and it does not hold"),
    (CheckOutcome.NOT_APPLICABLE, "Does not apply here"),
    (CheckOutcome.OPEN, "Open again"),
]


class CheckForm(RoomForm):
    """One press sends the item alone, which means that it was passed."""

    prefix_of_ids = "check"

    item = forms.ChoiceField(
        label="What?", error_messages={"invalid_choice": "There is no such item in the checklist."}
    )
    outcome = forms.ChoiceField(label="How does it stand?", choices=SAYS, widget=forms.RadioSelect)
    note = forms.CharField(
        label="What do you see, or why?",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"data-draft": "note"}),
    )
    file = forms.FileField(
        label="Screenshot, log or another file",
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={"empty": "The file is empty."},
    )

    def __init__(self, data: Any = None, *args: Any, room: Room, **kwargs: Any) -> None:
        if data is not None and "outcome" not in data:
            data = data.copy()
            data["outcome"] = CheckOutcome.PASSED
        initial = {"outcome": CheckOutcome.PASSED}
        super().__init__(data, *args, room=room, initial=initial, **kwargs)
        self.fields["item"].choices = [(str(item.number), item.text) for item in room.items]  # type: ignore[attr-defined]
        left = [item for item in room.items if not item.is_done]
        self.initial["item"] = str(left[0].number) if left else ""

    def words(self) -> dict[str, Any]:
        """Number, outcome, note and file."""
        said = self.cleaned_data
        return {
            "number": int(said["item"]),
            "outcome": said["outcome"],
            "note": said["note"],
            "file": said["file"],
        }
