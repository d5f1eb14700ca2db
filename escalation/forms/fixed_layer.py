"""Layers of single shifts and temporary schedules as an admin fills them in; wall times in the schedule's zone."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms import BaseInlineFormSet

from escalation.forms.moment import LocalMomentField
from escalation.forms.shifts import EXAMPLE, ShiftsField, show_shifts
from escalation.models import FixedLayer, Schedule, TemporarySchedule


class InItsZone(BaseInlineFormSet):
    """Rows of one schedule whose forms read wall times in its zone."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """With the schedule, as it is typed in the same page."""
        return {**super().get_form_kwargs(index), "zone": zone_of(self.instance)}


def zone_of(schedule: Schedule) -> ZoneInfo:
    """The zone of a schedule; UTC while what was typed is none."""
    try:
        return ZoneInfo(schedule.time_zone)
    except (ValueError, OSError):
        return ZoneInfo("UTC")


class FixedLayerForm(forms.ModelForm):
    """One layer with its shifts."""

    shifts = ShiftsField(required=False, help_text=f"One a line, in the zone of the schedule: {EXAMPLE}")

    class Meta:
        model = FixedLayer
        fields = ["name", "rank", "shifts"]

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and hasattr(self.instance, "source"):
            self.fields["shifts"].disabled = True
            self.fields[
                "shifts"
            ].help_text = "They come from a calendar that is kept somewhere else; change them there."
        else:
            _show_shifts(self, zone)


class TemporaryScheduleForm(forms.ModelForm):
    """One span with its shifts, or one that is to be cancelled."""

    starts_at = LocalMomentField(zone=ZoneInfo("UTC"), label="From")
    ends_at = LocalMomentField(zone=ZoneInfo("UTC"), label="Until")
    shifts = ShiftsField(
        required=False,
        help_text=f"One a line, in the zone of the schedule: {EXAMPLE}. Where there is none nobody is on call.",
    )
    cancel = forms.BooleanField(required=False, label="Cancel it")

    class Meta:
        model = TemporarySchedule
        fields = ["name", "starts_at", "ends_at", "shifts", "cancel"]

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_at", "ends_at"):
            self.fields[name].zone = zone  # type: ignore[attr-defined]
            self.fields[name].help_text = f"In {zone.key}."
        if "cancel" in self.fields:
            self.fields["cancel"].disabled = self.instance.pk is None
        _show_shifts(self, zone)

    def clean(self) -> dict[str, Any]:
        """Say in a sentence what would never count."""
        cleaned = super().clean() or self.cleaned_data
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at:
            if ends_at <= starts_at:
                self.add_error("ends_at", "A temporary schedule ends after it starts.")
            elif any(one.ends_at <= starts_at or one.starts_at >= ends_at for one in cleaned.get("shifts") or ()):
                self.add_error("shifts", "A shift lies outside the span of the temporary schedule.")
        return cleaned


def _show_shifts(form: Any, zone: ZoneInfo) -> None:
    form.fields["shifts"].zone = zone
    if form.instance.pk:
        form.initial["shifts"] = show_shifts(form.instance.shifts.select_related("user"), zone)
