"""Model fields for the words of a policy, validated with the sentence of their parser."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from core.errors import InvalidInput
from core.moments import parse_duration, parse_durations, show_duration
from core.targets import Target
from core.windows import Window

LONGEST = timedelta(days=30)


def validate_target(value: str) -> None:
    """Refuse what Target cannot read."""
    try:
        Target.parse(value)
    except InvalidInput as error:
        raise ValidationError(str(error)) from error


def validate_duration(value: str) -> None:
    """Refuse what parse_duration cannot read."""
    try:
        parse_duration(value)
    except InvalidInput as error:
        raise ValidationError(str(error)) from error


def validate_window(value: str) -> None:
    """Refuse what Window cannot read."""
    try:
        Window.parse(value)
    except InvalidInput as error:
        raise ValidationError(str(error)) from error


def validate_durations(value: str) -> None:
    """Refuse what parse_durations cannot read, and whatever is longer than a month."""
    try:
        longest = max(parse_durations(value), default=timedelta())
    except InvalidInput as error:
        raise ValidationError(str(error)) from error
    if longest > LONGEST:
        raise ValidationError(f"{show_duration(longest)} is longer than {show_duration(LONGEST)}.")


class TargetField(models.CharField):
    """A Target as its text; empty means that nothing is owed."""

    default_validators = [validate_target]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 40, "blank": True, "default": "", **kwargs})


class WindowField(models.CharField):
    """A stretch of the week as its text (`Mon-Fri 09:00-17:00`)."""

    default_validators = [validate_window]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 60, **kwargs})


class DurationTextField(models.CharField):
    """A duration as its text (`15 min`); empty means none."""

    default_validators = [validate_duration]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 20, "blank": True, "default": "", **kwargs})


class DurationsTextField(models.CharField):
    """Durations as their text, with commas between them (`24 h, 1 h`), each of a month at most; empty means none."""

    default_validators = [validate_durations]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 60, "blank": True, "default": "", **kwargs})
