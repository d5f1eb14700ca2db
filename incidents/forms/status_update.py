"""Words for others: prefilled from what the record knows, with the next promised moment printed beside them."""

from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django import forms

from core.errors import InvalidInput
from core.moments import CLOCK, show_clock
from incidents.actions.public_word import words_with_update
from incidents.enums import IncidentStatus
from incidents.export.texts import Said, impact_of, sentence
from incidents.forms.submission import RoomForm
from incidents.queries.public_word import public_rhythm
from incidents.queries.room import Room

STATE = {
    IncidentStatus.INVESTIGATING: "We are looking for the cause.",
    IncidentStatus.IDENTIFIED: "We know the cause and are working on it.",
    IncidentStatus.MONITORING: "It looks better; we keep watching.",
}


class StatusUpdateForm(RoomForm):
    """State, impact, what we do, next by; for whom it is; and the newest update that the writer has seen."""

    prefix_of_ids = "update"

    status = forms.ChoiceField(label="Status", choices=[(value, IncidentStatus(value).label) for value in STATE])
    next_by = forms.CharField(
        label="Promise the next one sooner",
        required=False,
        max_length=8,
        widget=forms.TextInput(attrs={"placeholder": "14:45", "inputmode": "numeric"}),
    )
    impact = forms.CharField(
        label="Impact",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2, "data-draft": "update-impact"}),
    )
    action = forms.CharField(
        label="What we do",
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 2, "data-draft": "update"}),
    )
    cause = forms.CharField(label="Cause, as far as it is known", required=False, max_length=1000)
    eta = forms.CharField(label="Over when?", required=False, max_length=200)
    text = forms.CharField(
        label="Anything else", required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 1})
    )
    tell_executives = forms.BooleanField(label="Send the executive brief", required=False)
    tell_public = forms.BooleanField(label="Tell the public", required=False)
    public_text = forms.CharField(
        label="Other words for the public",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text="Empty: made from the words above.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    field_order = ("impact", "action", "status", "next_by")

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, initial=prefilled(room), **kwargs)
        due_at = room.next_update_by
        if due_at is not None:
            self.fields["next_by"].help_text = f"Empty: {show_clock(due_at, room.viewer.zone)}."
        if not room.incident.may_be_public:
            del self.fields["tell_public"], self.fields["public_text"]
        if room.brief_duty is None:
            del self.fields["tell_executives"]

    def see_again(self) -> None:
        """What was typed stays; whoever presses again has read what the other one posted."""
        self.put(seen=self.initial["seen"])

    @property
    def public_preview(self) -> str | None:
        """What the public would read of what is typed; None where it reads nothing, or before it can be said."""
        if not self.is_bound or not self.is_valid() or not self.cleaned_data.get("tell_public"):
            return None
        words = {name: value.strip() if isinstance(value, str) else value for name, value in self.cleaned_data.items()}
        typed = Said(*(words[name] for name in ("text", "impact", "action", "cause", "eta")))
        incident = copy(self.room.incident)
        incident.status = words["status"]
        said = replace(typed, text=typed.paragraph)
        owed = self.room.next_update_by or public_rhythm(incident, now=self.now)
        next_by = self.cleaned_data["next_by"] or owed
        return words_with_update(incident, said, now=self.now, next_by=next_by, own=words["public_text"])

    def clean_next_by(self) -> datetime | None:
        """`14:45` as the next such moment in the writer's zone, or None."""
        typed = self.cleaned_data["next_by"].strip()
        if not typed:
            return None
        try:
            return next_moment(typed, self.now, self.room)
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error


def next_moment(typed: str, now: datetime, room: Room) -> datetime:
    """The nearest moment to come at which a clock in the viewer's zone shows `typed`. Raises InvalidInput."""
    match = CLOCK.match(typed)
    if not match or int(match["hour"]) > 23 or int(match["minute"]) > 59:
        raise InvalidInput(f"“{typed}” is not a time; write it like “14:45”.", field="next_by")
    local = now.astimezone(room.viewer.zone)
    wanted = local.replace(hour=int(match["hour"]), minute=int(match["minute"]), second=0, microsecond=0)
    return wanted if wanted > local else wanted + timedelta(days=1)


def prefilled(room: Room) -> dict[str, Any]:
    """What the fields say before anybody types: the impact as the record has it, the rest as it was last said."""
    incident, last = room.incident, room.last_update
    first = incident.what_happens or ("" if last and last.impact else incident.summary)
    known = " ".join(part for part in (sentence(first.strip()) if first else "", impact_of(incident)) if part)
    return {
        "impact": known or (last.impact if last else ""),
        "action": (last.action if last else "") or STATE.get(IncidentStatus(incident.status), ""),
        "cause": last.cause if last else "",
        "eta": last.eta if last else "",
        "status": incident.status,
        "tell_public": incident.level.is_public,
        "tell_executives": True,
        "seen": room.newest_update,
    }
