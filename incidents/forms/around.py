"""Forms about what is around an incident: how a service is, what was deployed, what customers say."""

from datetime import datetime
from typing import Any

from django import forms

from core.errors import InvalidInput
from core.moments import parse_moment
from escalation.models import Service
from incidents.enums import ServiceState
from incidents.forms.submission import RoomForm
from incidents.queries.room import Room


class ServiceStateForm(RoomForm):
    """Another service that is affected, or how one is."""

    prefix_of_ids = "state"

    service = forms.ModelChoiceField(Service.objects.filter(is_active=True), label="Service")
    state = forms.ChoiceField(label="It is", choices=ServiceState.choices, widget=forms.RadioSelect)

    def words(self) -> dict[str, Any]:
        """Which, and how it is."""
        return {"service": self.cleaned_data["service"], "state": self.cleaned_data["state"]}


class DeploymentForm(RoomForm):
    """What was deployed, when."""

    prefix_of_ids = "deployment"

    service = forms.ModelChoiceField(Service.objects.filter(is_active=True), label="Service")
    version = forms.CharField(
        label="Version", max_length=120, error_messages={"required": "Say which version was deployed."}
    )
    at = forms.CharField(
        label="When",
        required=False,
        max_length=10,
        help_text="Empty: now.",
        widget=forms.TextInput(attrs={"placeholder": "14:05 or -10m", "autocomplete": "off"}),
    )
    by = forms.CharField(label="By whom", required=False, max_length=120)
    url = forms.URLField(label="Where it is seen", required=False, max_length=500, assume_scheme="https")

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, initial={"service": room.incident.service_id}, **kwargs)

    def clean_at(self) -> datetime | None:
        """The moment in the writer's zone, or None."""
        typed = self.cleaned_data["at"].strip()
        try:
            return parse_moment(typed, now=self.now, zone=self.room.viewer.zone) if typed else None
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error


class ReportForm(RoomForm):
    """A customer who reports it, with a word about them if wanted."""

    prefix_of_ids = "report"

    note = forms.CharField(
        label="Who, and what they see",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"data-draft": "report"}),
    )
