"""What somebody says who would like to give a shift away."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from accounts.enums import AccessLevel
from accounts.models import User
from escalation.models import ShiftSwap

MINUTE = timedelta(minutes=1)


class LocalMomentField(forms.DateTimeField):
    """A wall time in `zone`, as the browser's own picker writes it: `2026-04-20T09:00`."""

    zone = ZoneInfo("UTC")

    def __init__(self, **kwargs: Any) -> None:
        picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=picker, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A moment in `zone`; what was typed stays as it was."""
        return value.astimezone(self.zone).replace(tzinfo=None) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        """The moment. Refuses a wall time that a clock change skips or repeats, because it names no moment."""
        with timezone.override(self.zone):
            return super().to_python(value)


class SwapForm(forms.ModelForm):
    """From when to when, offered to whom by name, and why."""

    starts_at = LocalMomentField(label="From")
    ends_at = LocalMomentField(label="Until")
    offered_to = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        label="Ask somebody by name as well",
        empty_label="Everybody of this schedule",
        help_text="Everybody who takes turns here is asked; whoever takes it first is on call instead of you.",
    )
    note = forms.CharField(max_length=200, required=False, help_text="What they should know: a dentist, a wedding.")

    class Meta:
        model = ShiftSwap
        fields = ["starts_at", "ends_at", "offered_to", "note"]

    def __init__(self, *args: Any, asker: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = User.objects.filter(is_active=True).exclude(access=AccessLevel.VIEWER).exclude(pk=asker.pk)
        self.fields["offered_to"].queryset = others  # type: ignore[attr-defined]
        for name in ("starts_at", "ends_at"):
            self.fields[name].zone = asker.zone  # type: ignore[attr-defined]
            self.fields[name].help_text = f"In your zone, {asker.time_zone}."


def whole_minute(moment: datetime) -> datetime:
    """`moment`, or the next whole minute: a picker knows no seconds, and before the shift is not one's own."""
    down = moment.replace(second=0, microsecond=0)
    return down if down == moment else down + MINUTE
