"""What it does to whom, since when, and which service."""

import json
from datetime import datetime
from typing import Any

from django import forms

from core.errors import InvalidInput
from core.moments import parse_moment
from escalation.models import Service
from incidents.actions.impact import seen_of
from incidents.enums import DataIntegrity, RevenueImpact
from incidents.forms.submission import RoomForm
from incidents.queries.room import Room

FORMAT = "%Y-%m-%d %H:%M"
NOT_LOOKED_AT = ("", "Not looked at yet")


class ImpactForm(RoomForm):
    """Every field is optional; each is one line."""

    prefix_of_ids = "impact"

    seen = forms.JSONField(widget=forms.HiddenInput, required=False)

    what_happens = forms.CharField(
        label="What is happening",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2, "data-draft": "what_happens"}),
    )
    customers = forms.CharField(
        label="Customers affected",
        required=False,
        max_length=200,
        help_text="In words, with the source.",
        widget=forms.TextInput(attrs={"data-draft": "customers", "placeholder": "~12 active (audit trail)"}),
    )
    customers_count = forms.IntegerField(
        label="How many", required=False, min_value=0, max_value=2_000_000_000, widget=forms.NumberInput
    )
    symptom = forms.CharField(
        label="What a user sees",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"data-draft": "symptom"}),
    )
    data_integrity = forms.ChoiceField(
        label="Harm to data", required=False, choices=[NOT_LOOKED_AT, *DataIntegrity.choices]
    )
    revenue = forms.ChoiceField(
        label="Is revenue lost?", required=False, choices=[NOT_LOOKED_AT, *RevenueImpact.choices]
    )
    revenue_amount = forms.IntegerField(
        label="Revenue lost",
        required=False,
        min_value=0,
        max_value=2_000_000_000,
        help_text="A whole number; more than the policy allows rings whom it names.",
    )
    revenue_note = forms.CharField(label="How much, in words", required=False, max_length=200)
    impact_began_at = forms.CharField(
        label="Began when?",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"placeholder": "14:15"}),
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        incident, zone = room.incident, room.viewer.zone
        initial = {name: getattr(incident, name) for name in self.base_fields if hasattr(incident, name)}
        began = incident.impact_began_at
        initial["impact_began_at"] = began.astimezone(zone).strftime(FORMAT) if began else ""
        initial["seen"] = seen_of(incident)
        super().__init__(*args, room=room, initial=initial, **kwargs)
        self.fields["impact_began_at"].help_text = f"Like 14:15, -10m or 2026-04-18 14:15, in {zone.key}."

    def clean_impact_began_at(self) -> datetime | None:
        """The moment in the writer's zone; what was not touched stays to the second."""
        typed, zone = self.cleaned_data["impact_began_at"].strip(), self.room.viewer.zone
        if not typed:
            return None
        began = self._beginning_seen()
        if began and typed == began.astimezone(zone).strftime(FORMAT):
            return began
        try:
            return datetime.strptime(typed, FORMAT).replace(tzinfo=zone)
        except ValueError:
            pass
        try:
            return parse_moment(typed, now=self.now, zone=zone)
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error

    def clean_seen(self) -> dict[str, Any] | None:
        """What stood there when the form was shown; None when nobody says so."""
        seen = self.cleaned_data["seen"]
        return seen if isinstance(seen, dict) else None

    def _beginning_seen(self) -> datetime | None:
        try:
            return datetime.fromisoformat((self.cleaned_data.get("seen") or {}).get("impact_began_at") or "")
        except (TypeError, ValueError):
            return self.room.incident.impact_began_at

    def see_again(self) -> None:
        """What the writer changed stays as they typed it; all else is as the record has it now."""
        before, now = self.cleaned_data.get("seen") or {}, self.initial["seen"]
        mine = [name for name in now if name in self.fields]
        fresh = {name: self.initial[name] for name in mine if before.get(name) == self._plain(name)}
        self.put(**fresh, seen=json.dumps(now))

    def _plain(self, name: str) -> Any:
        value = self.cleaned_data.get(name)
        return value.isoformat() if isinstance(value, datetime) else value

    def words(self) -> dict[str, Any]:
        """The fields of the record."""
        return {name: value for name, value in self.cleaned_data.items() if name != "submission_key"}


class ServiceForm(RoomForm):
    """Which service is affected."""

    prefix_of_ids = "service"

    service = forms.ModelChoiceField(
        Service.objects.filter(is_active=True), label="Affected service", required=False, empty_label="None named"
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, initial={"service": room.incident.service_id}, **kwargs)
