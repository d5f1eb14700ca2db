"""A schedule as an admin fills it in: rotations with their people in order, and overrides."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet

from accounts.models import User
from escalation.enums import OverrideKind
from escalation.forms.days import WeekdaysField, WindowsField
from escalation.models import Override, Rotation
from escalation.queries.oncall import instant_of


class TurnsField(forms.CharField):
    """`ana, ben + eva, tomas`: three turns, ben and eva together. Cleans to lists of people."""

    default_error_messages = {"required": "A rotation needs at least one person."}

    def clean(self, value: Any) -> list[list[User]]:
        """Read the handles. Refuses, by name, whom nobody knows or who was switched off."""
        text = super().clean(value).lower()
        turns = [[name.strip().lstrip("@") for name in turn.split("+")] for turn in text.split(",") if turn.strip()]
        names = {name for turn in turns for name in turn}
        if not names or "" in names:
            raise ValidationError(self.error_messages["required"])
        people = {user.handle: user for user in User.objects.filter(handle__in=names)}
        for name in sorted(names):
            if name not in people:
                raise ValidationError(f"Nobody is called “{name}”. Write handles in order: ana, ben + eva, tomas.")
            if not people[name].is_active:
                raise ValidationError(f"The account of @{name} is switched off, so they cannot be on call.")
        if any(len(set(turn)) != len(turn) for turn in turns):
            raise ValidationError("A person stands twice in one turn.")
        return [[people[name] for name in turn] for turn in turns]


class RotationForm(forms.ModelForm):
    """One layer with its people."""

    people = TurnsField(
        help_text="Handles in the order of their turns: ana, ben + eva, tomas. A + puts two on call together."
    )

    active_days = WeekdaysField(
        required=False,
        help_text="Only for turns by active days, calendar weeks or months: the days on which a shift begins; "
        "none ticked: every day.",
    )
    restrictions = WindowsField(
        required=False,
        help_text="On call only then; one a line, in the zone of this rotation: Mon-Fri 09:00-17:00, or "
        "every day 20:00-08:00, or Fri 16:00 to Mon 00:00. Empty: always.",
    )

    class Meta:
        model = Rotation
        fields = [
            "name",
            "rank",
            "unit",
            "length",
            "starts_on",
            "hands_off_at",
            "people",
            "restrictions",
            "hours",
            "active_days",
            "shift_length",
            "time_zone",
            "starts_at",
            "ends_at",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            turns: dict[int, list[str]] = {}
            for place in self.instance.places.select_related("user"):
                turns.setdefault(place.position, []).append(place.user.handle)
            self.initial["people"] = ", ".join(" + ".join(turn) for turn in turns.values())

    def clean(self) -> dict[str, Any]:
        """Refuse what would never put anybody on call."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("length") == 0:
            self.add_error("length", "A shift lasts at least one unit.")
        ends_at = cleaned.get("ends_at")
        if ends_at and cleaned.get("starts_on") and cleaned.get("hands_off_at") and not self.errors:
            schedule_zone = self.instance.schedule.time_zone if self.instance.schedule_id else ""
            zone = cleaned.get("time_zone") or schedule_zone or "UTC"
            if ends_at <= instant_of(cleaned["starts_on"], cleaned["hands_off_at"], zone):
                self.add_error("ends_at", "This rotation ends before its first hand-off, so nobody is ever on call.")
        return cleaned


class OverrideForm(forms.ModelForm):
    """A new override, or one to be cancelled; what it says is never changed afterwards."""

    cancel = forms.BooleanField(required=False, label="Cancel it")

    class Meta:
        model = Override
        fields = ["kind", "user", "replaced", "starts_at", "ends_at", "reason", "cancel"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if self.instance.pk:
                field.disabled = name != "cancel" or self.instance.cancelled_at is not None
            elif name == "cancel":
                field.disabled = True

    def clean(self) -> dict[str, Any]:
        """Say in a sentence what each kind needs."""
        cleaned = super().clean() or self.cleaned_data
        kind, user, replaced = cleaned.get("kind"), cleaned.get("user"), cleaned.get("replaced")
        if kind != OverrideKind.REMOVE and not user:
            self.add_error("user", "Say who is on call in this span.")
        if kind == OverrideKind.REMOVE and user:
            self.add_error("user", "Taking somebody off puts nobody on call: leave this empty.")
        if kind in {OverrideKind.REPLACE, OverrideKind.REMOVE} and not replaced:
            self.add_error("replaced", "Say whose place it is.")
        if kind in {OverrideKind.COVER, OverrideKind.ADD} and replaced:
            self.add_error("replaced", "This kind replaces nobody by name: leave it empty, or choose “Replaces”.")
        if user and user == replaced:
            self.add_error("user", "Nobody can replace themselves.")
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", "An override ends after it starts.")
        return cleaned


class OverrideFormSet(BaseInlineFormSet):
    """The overrides of one schedule, seen together."""

    def clean(self) -> None:
        """Refuse a second override that says the same of an overlapping span."""
        super().clean()
        said: list[dict[str, Any]] = []
        for form in self.forms:
            asked = getattr(form, "cleaned_data", {})
            if not asked or not form.is_valid() or asked.get("cancel") or form.instance.cancelled_at:
                continue
            if any(_say_the_same(asked, other) for other in said):
                form.add_error("starts_at", "Another override says the same of a span that overlaps this one.")
            said.append(asked)


def _say_the_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    same = all(one.get(field) == other.get(field) for field in ("kind", "user", "replaced"))
    return same and one["starts_at"] < other["ends_at"] and other["starts_at"] < one["ends_at"]
