"""A moment as the browser's own field sends it: wall time, without a zone, read in the zone of whoever typed."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from core.errors import InvalidInput
from core.moments import check_moment
from core.wall import instant


class LocalMomentField(forms.DateTimeField):
    """`2026-04-18T14:23` in `zone`, as an instant in UTC; a time that clocks jump over is the first one after."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "form-control"}, format="%Y-%m-%dT%H:%M")
    input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]

    def __init__(self, *, zone: ZoneInfo, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"invalid": "Write the day and the time like 2026-04-18 14:15."})
        super().__init__(**kwargs)
        self.zone = zone

    def to_python(self, value: Any) -> datetime | None:
        """The instant, or None for nothing typed. Raises ValidationError for what is no moment."""
        if value in self.empty_values:
            return None
        text = str(value).strip()
        for shape in self.input_formats:
            try:
                wall = datetime.strptime(text, shape)  # noqa: DTZ007 - the zone comes with instant()
            except ValueError:
                continue
            try:
                return instant(check_moment(wall), self.zone)
            except InvalidInput as error:
                raise forms.ValidationError(str(error)) from error
        raise forms.ValidationError(self.error_messages["invalid"])

    def prepare_value(self, value: Any) -> Any:
        """An instant as wall time in the zone; what was typed as it was typed."""
        return value.astimezone(self.zone).replace(tzinfo=None) if isinstance(value, datetime) else value
