"""Forms about mitigations: take one of the catalogue or one by hand, say what remains."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from core.filling import names_in
from incidents.forms.submission import RoomForm
from incidents.forms.task import WHEN
from incidents.models import MitigationOption
from incidents.queries.room import Room

VALUE = "value-"


class MitigationForm(RoomForm):
    """One of the catalogue, with a field for each {name} of its command; or a line and a command by hand.

    Which one it is comes with the address that opens the form, and back with the press.
    """

    prefix_of_ids = "mitigation"

    option = forms.SlugField(required=False, widget=forms.HiddenInput)
    check_at = forms.CharField(
        label="Look again in", required=False, max_length=20, widget=forms.TextInput(attrs=WHEN)
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, **kwargs)
        self._ask_for(room.work.option(self.data.get("option", "")))

    def prefill(self, asked: Mapping[str, str]) -> None:
        """The option first: it says which fields there are."""
        self._ask_for(self.room.work.option(asked.get("option", "")))
        super().prefill(asked)

    def _ask_for(self, option: MitigationOption | None) -> None:
        self.chosen = option
        own = _fields_of(option) if option else _by_hand()
        kept = {name: field for name, field in self.fields.items() if name in MitigationForm.base_fields}
        last = kept.pop("check_at")
        incident = self.room.incident
        known = {"service": incident.service.slug if incident.service else "", "reference": incident.reference}
        self.initial.update({f"{VALUE}{name}": text for name, text in known.items()})
        if option and option.watch_for:
            last.help_text = f"Empty: {option.watch_for}."
        self.fields = {**kept, **own, "check_at": last}

    def tells(self) -> list[str]:
        """Which one it is, when it helps, and its command as it stands in the catalogue."""
        if self.chosen is None:
            return []
        option = self.chosen
        return [text for text in (f"{option.name}. {option.when}".strip(), option.command, option.target) if text]

    def clean_check_at(self) -> datetime | None:
        """The moment, or None."""
        return self.to_come("check_at")

    def words(self) -> dict[str, Any]:
        """What the action is called with: the values by their names."""
        typed = self.cleaned_data
        values = {name.removeprefix(VALUE): text for name, text in typed.items() if name.startswith(VALUE)}
        others = {name: text for name, text in typed.items() if not name.startswith(VALUE)}
        return {**others, "values": values}


class RemainingForm(RoomForm):
    """What is left after it helped in part."""

    prefix_of_ids = "remaining"

    number = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="What is left?",
        max_length=300,
        error_messages={"required": "Say in one line what is left."},
        widget=forms.TextInput(attrs={"data-draft": "remaining"}),
    )

    def words(self) -> dict[str, Any]:
        """Which, and what."""
        return {"number": self.cleaned_data["number"], "text": self.cleaned_data["text"]}


def _fields_of(option: MitigationOption) -> dict[str, forms.Field]:
    """One for each name in the command and its way back. What is typed is kept to the letter."""
    names = dict.fromkeys([*names_in(option.command), *names_in(option.way_back)])
    attributes = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "class": "mu-mono"}
    return {
        f"{VALUE}{name}": forms.CharField(
            label=name,
            strip=False,
            max_length=500,
            error_messages={"required": f"Say what {name} is."},
            widget=forms.TextInput(attrs=attributes),
        )
        for name in names
    }


def _by_hand() -> dict[str, forms.Field]:
    return {
        "name": forms.CharField(
            label="What is done?",
            max_length=200,
            error_messages={"required": "Say in one line what is done, or choose one of the catalogue."},
            widget=forms.TextInput(attrs={"data-draft": "mitigation"}),
        ),
        "command": forms.CharField(
            label="Command",
            required=False,
            max_length=2000,
            help_text="If there is one, for the record.",
            widget=forms.Textarea(
                attrs={"rows": 2, "class": "mu-mono", "spellcheck": "false", "data-draft": "mitigation-command"}
            ),
        ),
    }
