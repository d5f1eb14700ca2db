"""A target of a step as an admin fills it in."""

from typing import Any

from django import forms

from escalation.enums import TargetKind
from escalation.models import StepTarget

NEEDS = {
    TargetKind.PERSON: ("user", "Say which person."),
    TargetKind.ON_CALL: ("schedule", "Say in which schedule."),
    TargetKind.TEAM: ("team", "Say which team."),
    TargetKind.ROLE: ("role", "Say which role of the incident, by its slug."),
    TargetKind.WEBHOOK: ("url", "Write the address of the webhook."),
}


class StepTargetForm(forms.ModelForm):
    """One target: its kind, and the one thing that this kind names."""

    url = forms.URLField(required=False, assume_scheme="https")

    class Meta:
        model = StepTarget
        fields = ["kind", "user", "schedule", "turn", "team", "role", "url"]

    def clean(self) -> dict[str, Any]:
        """Each kind names one thing and nothing else."""
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        for other, (field, sentence) in NEEDS.items():
            if other == kind and not cleaned.get(field) and field not in self.errors:
                self.add_error(field, sentence)
            if other != kind and cleaned.get(field) and kind:
                self.add_error(field, f"A target of the kind “{TargetKind(kind).label}” does not name this.")
        return cleaned
