"""Forms about tasks: give one, extend it or pass it on, drop it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from accounts.models import User
from incidents.forms.people import HANDLES, people_named
from incidents.forms.submission import RoomForm

WHEN = {"placeholder": "10 min, or 14:45", "autocomplete": "off"}


class TaskForm(RoomForm):
    """One line, a person, and minutes if wanted."""

    prefix_of_ids = "task"

    text = forms.CharField(
        label="What is to do?",
        max_length=300,
        error_messages={"required": "Say in one line what is to do."},
        widget=forms.TextInput(attrs={"data-draft": "task", "placeholder": "roll back to 1.4"}),
    )
    owner = forms.CharField(
        label="Who",
        max_length=60,
        widget=forms.TextInput(attrs={**HANDLES, "placeholder": "@jens"}),
        error_messages={"required": "Name the person who does it, like @jens."},
    )
    due_at = forms.CharField(
        label="Within", required=False, max_length=20, help_text="If wanted.", widget=forms.TextInput(attrs=WHEN)
    )

    def clean_owner(self) -> User:
        """The person."""
        return one_person(self.cleaned_data["owner"])

    def clean_due_at(self) -> datetime | None:
        """The moment, or None."""
        return self.to_come("due_at")


class TaskChangeForm(RoomForm):
    """More time, another person, or both."""

    prefix_of_ids = "task-change"

    number = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=120)
    due_at = forms.CharField(label="Extend it", required=False, max_length=20, widget=forms.TextInput(attrs=WHEN))
    owner = forms.CharField(
        label="Pass it on to",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={**HANDLES, "placeholder": "@mira"}),
    )

    def clean_owner(self) -> User | None:
        """The person, or None."""
        typed = self.cleaned_data["owner"].strip()
        return one_person(typed) if typed else None

    def clean_due_at(self) -> datetime | None:
        """The moment, or None."""
        return self.to_come("due_at")

    def words(self) -> dict[str, Any]:
        """Which task, what changes, and what stood there."""
        seen = self.cleaned_data["seen"] or None
        return {**{name: self.cleaned_data[name] for name in ("number", "due_at", "owner")}, "seen": seen}

    def prefill(self, asked: Mapping[str, str]) -> None:
        """Which task, and how it is now."""
        super().prefill(asked)
        self.initial["seen"] = self._state(asked.get("number", ""))

    def see_again(self) -> None:
        """What was typed stays; what the other one changed counts as seen."""
        self.put(seen=self._state(str(self.data.get("number", ""))))

    def _state(self, number: str) -> str:
        return next((task.state for task in self.room.work.tasks if str(task.number) == number), "")


class NumberedReasonForm(RoomForm):
    """Why a numbered thing ends."""

    prefix_of_ids = "drop"

    number = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why?",
        max_length=200,
        error_messages={"required": "Say in a few words why it is dropped."},
        widget=forms.TextInput(attrs={"data-draft": "reason"}),
    )

    def words(self) -> dict[str, Any]:
        """Which, and why."""
        return {"number": self.cleaned_data["number"], "reason": self.cleaned_data["reason"]}


def one_person(typed: str) -> User:
    """The one person called so. Raises ValidationError."""
    people = people_named(typed)
    if len(people) != 1:
        raise forms.ValidationError("Name one person, like @jens.")
    return people[0]
