"""What is done with one entry, and many lines pasted at once."""

import hashlib
from typing import Any

from django import forms

from core.errors import InvalidInput
from incidents.actions.correction import CORRECTED
from incidents.actions.paste import Line, read_lines
from incidents.forms.submission import RoomForm
from incidents.models import TimelineEntry
from incidents.queries.room import Room

EXAMPLE = "14:03 first alert\n14:05 ana looks"


class EntryForm(RoomForm):
    """One entry: its words can be put right where somebody wrote them; all else is read here."""

    prefix_of_ids = "entry"

    entry = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    line = forms.CharField(
        label="What it should say",
        max_length=10_200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="A time in front puts its moment right: 14:20, or ~14:20 for about then.",
        error_messages={"required": "There is nothing written yet."},
    )

    def __init__(self, *args: Any, room: Room, shown: TimelineEntry | None = None, **kwargs: Any) -> None:
        self.shown = shown
        initial = {"entry": shown.number, "line": shown.text} if shown else {}
        super().__init__(*args, room=room, initial=initial, **kwargs)
        if shown is not None and (shown.kind not in CORRECTED or getattr(shown, "is_corrected", False)):
            del self.fields["line"]

    def words(self) -> dict[str, Any]:
        """Which entry, and what it should say."""
        return {"number": self.cleaned_data["entry"], "line": self.cleaned_data["line"]}


class PasteForm(RoomForm):
    """A block of lines. Shown first as what it would become; posted only when that was seen."""

    prefix_of_ids = "paste"

    lines = forms.CharField(
        label="Lines, each with its time in front",
        strip=False,
        max_length=100_000,
        widget=forms.Textarea(
            attrs={"rows": 8, "data-draft": "paste", "placeholder": "14:03 first alert\n14:05 ana looks"}
        ),
        error_messages={"required": "There is nothing written yet."},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    preview: list[Line] = []

    def clean_lines(self) -> str:
        """The block, once every line of it can be read."""
        block = str(self.cleaned_data["lines"])
        by = self.room.reader
        try:
            self.preview = read_lines(block, by=by, now=self.now)
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error
        return block

    @property
    def is_seen(self) -> bool:
        """Whether this very block was shown before as what it becomes, each line at its moment; if not, say so next.

        `14:03` was of yesterday when it was shown at 14:02, and is not any more.
        """
        moments = " ".join(line.happened_at.isoformat() for line in self.preview)
        digest = hashlib.sha256(f"{moments}\n{self.cleaned_data['lines']}".encode()).hexdigest()
        if self.cleaned_data["seen"] == digest:
            return True
        self.put(seen=digest)
        return False
