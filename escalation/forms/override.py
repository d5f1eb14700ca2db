"""An override as a responder makes it on the schedule's own page, and one that is to be cancelled."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from escalation.forms.moment import LocalMomentField
from escalation.forms.schedule import OverrideForm
from escalation.models import Override, Schedule
from escalation.queries.override import overrides_ahead

HOUR = timedelta(hours=1)
SPAN = ("starts_at", "ends_at")


class PersonField(forms.ModelChoiceField):
    """Somebody who can be rung, as `Ana Lima (@ana)`; an address may name them by their handle."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.filter(is_active=True), to_field_name="handle", required=False, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """The name first: handles are for those who know them."""
        return f"{obj.name} ({obj})" if obj.name else str(obj)


class NewOverrideForm(OverrideForm):
    """From when to when, in a zone that is named, who is on call. Refuses a span that is over."""

    cancel = None  # type: ignore[assignment]
    user = PersonField(label="Who is on call")
    replaced = PersonField(label="Instead of whom, or who is off")

    class Meta:
        model = Override
        fields = ["kind", "user", "replaced", "starts_at", "ends_at", "reason"]
        labels = {"kind": "What it does"}
        help_texts = {"reason": "One line, for whoever wonders. May stay empty."}

    def __init__(self, *args: Any, schedule: Schedule, viewer: User, now: datetime, **kwargs: Any) -> None:
        self.now, self.schedule, self.viewer = now, schedule, viewer
        asked = kwargs.pop("initial", None) or {}
        super().__init__(*args, initial={"user": viewer.handle, "starts_at": self._next_hour(), **asked}, **kwargs)
        self.instance.schedule = schedule
        names = list(dict.fromkeys([viewer.time_zone, schedule.time_zone]))
        self.fields["zone"] = forms.ChoiceField(
            choices=[(name, name.replace("_", " ")) for name in names],
            required=False,
            label="Times in",
            error_messages={"invalid_choice": "The times are in your zone or in the schedule's."},
        )
        self.zone = ZoneInfo(str(self.data.get("zone")) if self.data.get("zone") in names else names[0])
        for name, label in zip(SPAN, ("From", "Until"), strict=True):
            self.fields[name] = LocalMomentField(zone=self.zone, label=label)
        self.initial = {name: value for name, value in self.initial.items() if self._makes_sense(name, value)}
        self.order_fields(["kind", "user", "replaced", *SPAN, "zone", "reason"])

    def clean_ends_at(self) -> datetime:
        """The past is settled."""
        ends_at: datetime = self.cleaned_data["ends_at"]
        if ends_at <= self.now:
            raise ValidationError("This span is over: who was on call then stays as it was.")
        return ends_at

    def _next_hour(self) -> datetime:
        return (self.now + HOUR).replace(minute=0, second=0, microsecond=0)

    def _makes_sense(self, name: str, value: Any) -> bool:
        """Whether a field takes what the address proposes for it; what it does not take is forgotten."""
        try:
            return name not in self.fields or self.fields[name].clean(value) is not None
        except ValidationError:
            return isinstance(value, datetime)


class CancelOverrideForm(forms.Form):
    """Which one: a button of the page that lists them."""

    override = forms.ModelChoiceField(
        Override.objects.none(),
        error_messages={"invalid_choice": "This override is over, or was cancelled before.", "required": "Say which."},
    )

    def __init__(self, *args: Any, schedule: Schedule, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["override"].queryset = overrides_ahead(schedule, now)  # type: ignore[attr-defined]
