"""Single shifts as text, one a line: `2026-12-24 09:00 to 2026-12-25 09:00 ana + ben`."""

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from core.errors import InvalidInput
from core.moments import check_moment
from core.wall import instant
from escalation.models import FixedShift

MOMENT = r"\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}"
LINE = re.compile(rf"(?P<start>{MOMENT}) +to +(?P<end>{MOMENT}) +(?P<people>\S.*)", re.IGNORECASE | re.ASCII)
EXAMPLE = "2026-12-24 09:00 to 2026-12-25 09:00 ana + ben"


class ShiftsField(forms.CharField):
    """Shifts, one a line, wall times in `zone`. Cleans to new FixedShift rows that belong to nothing yet."""

    zone = ZoneInfo("UTC")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 6, "cols": 64}), **kwargs)

    def clean(self, value: Any) -> list[FixedShift]:
        """Read the lines. Refuses, by name, whom nobody knows or who was switched off."""
        lines = [line.strip() for line in (super().clean(value) or "").splitlines() if line.strip()]
        read = [self._read(line) for line in lines]
        names = {name for _, _, handles in read for name in handles}
        people = {user.handle: user for user in User.objects.filter(handle__in=names)}
        for name in sorted(names):
            if name not in people:
                raise ValidationError(f"Nobody is called “{name}”. Write a line like: {EXAMPLE}")
            if not people[name].is_active:
                raise ValidationError(f"The account of @{name} is switched off, so they cannot be on call.")
        return [
            FixedShift(user=people[name], starts_at=start, ends_at=end)
            for start, end, handles in read
            for name in handles
        ]

    def _read(self, line: str) -> tuple[datetime, datetime, list[str]]:
        match = LINE.fullmatch(line)
        handles = [name.strip().lstrip("@").lower() for name in match["people"].split("+")] if match else []
        if not match or not all(handles):
            raise ValidationError(f"“{line}” is not a shift; write it like {EXAMPLE}")
        start, end = self._moment(match["start"]), self._moment(match["end"])
        if end <= start:
            raise ValidationError(f"“{line}” ends before it starts.")
        return start, end, list(dict.fromkeys(handles))

    def _moment(self, text: str) -> datetime:
        try:
            return instant(check_moment(datetime.strptime(text.replace("T", " "), "%Y-%m-%d %H:%M")), self.zone)  # noqa: DTZ007 - the zone comes with instant()
        except InvalidInput as error:
            raise ValidationError(str(error)) from error
        except ValueError as error:
            raise ValidationError(f"“{text}” is not a moment; write it like 2026-12-24 09:00.") from error


def show_shifts(shifts: Iterable[FixedShift], zone: ZoneInfo) -> str:
    """Rows as the text that the field reads, wall times in `zone`; people of the same span in one line."""
    spans = groupby(shifts, key=lambda shift: (shift.starts_at, shift.ends_at))
    return "\n".join(
        f"{start.astimezone(zone):%Y-%m-%d %H:%M} to {end.astimezone(zone):%Y-%m-%d %H:%M} "
        + " + ".join(shift.user.handle for shift in together)
        for (start, end), together in spans
    )
