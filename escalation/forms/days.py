"""Days and times of the week as an admin fills them in."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.errors import InvalidInput
from core.windows import Window

WEEKDAYS = [
    (1, "Monday"),
    (2, "Tuesday"),
    (3, "Wednesday"),
    (4, "Thursday"),
    (5, "Friday"),
    (6, "Saturday"),
    (7, "Sunday"),
]


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Days of the week to be ticked. Cleans to ISO weekdays, Monday is 1."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple, **kwargs)


class DaysField(forms.CharField):
    """Days of the calendar, one a line. Cleans to dates in order, each once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Dates as lines."""
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[date]:  # type: ignore[override]
        """Read the lines. Refuses what is no day."""
        days = set()
        for line in (super().to_python(value) or "").split():
            try:
                days.add(date.fromisoformat(line))
            except ValueError as error:
                raise ValidationError(f"“{line}” is not a day; write it like 2026-12-25.") from error
        return sorted(days)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other days are meant."""
        return super().has_changed(self.prepare_value(initial), data)


class WindowsField(forms.CharField):
    """Times of the week, one a line. Cleans to their texts, as a row keeps them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3, "cols": 40}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Texts as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """Read the lines. Refuses what is no time of the week."""
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]
        try:
            return list(dict.fromkeys(str(Window.parse(line)) for line in lines))
        except InvalidInput as error:
            raise ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other times are meant."""
        return super().has_changed(self.prepare_value(initial), data)
