"""Words for others: prefilled from what the record knows, with the next promised moment printed beside them."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from core.errors import InvalidInput
from core.moments import CLOCK, show_clock
from incidents.enums import IncidentStatus
from incidents.forms.submission import RoomForm
from incidents.queries.room import Room
from incidents.states import OPEN

STATE = {
    IncidentStatus.INVESTIGATING: "We are looking for the cause.",
    IncidentStatus.IDENTIFIED: "We know the cause and are working on it.",
    IncidentStatus.MONITORING: "It looks better; we keep watching.",
}


class StatusUpdateForm(RoomForm):
    """Text, the status that it says, and an earlier next moment if wanted."""

    prefix_of_ids = "update"

    text = forms.CharField(
        label="Status update",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4, "data-draft": "update"}),
        error_messages={"required": "There is nothing written yet."},
    )
    status = forms.ChoiceField(label="Status", choices=[(value, IncidentStatus(value).label) for value in STATE])
    next_by = forms.CharField(
        label="Promise the next one sooner",
        required=False,
        max_length=8,
        widget=forms.TextInput(attrs={"placeholder": "14:45", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        initial = {"text": prefilled(room), "status": room.incident.status}
        super().__init__(*args, room=room, initial=initial, **kwargs)
        due_at = room.next_update_by
        if due_at is not None:
            self.fields["next_by"].help_text = f"Empty: {show_clock(due_at, room.viewer.zone)}."

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


def prefilled(room: Room) -> str:
    """What is known, in whole sentences: what happens, what users see, who is affected, where it stands."""
    incident = room.incident
    parts = [incident.what_happens or incident.summary, incident.symptom]
    if incident.customers:
        parts.append(f"Affected: {incident.customers}")
    if incident.status in OPEN:
        parts.append(STATE[IncidentStatus(incident.status)])
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)
