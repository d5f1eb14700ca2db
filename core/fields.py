"""Model fields for the words of a policy, validated with the sentence of their parser."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from core.errors import InvalidInput
from core.moments import parse_duration
from core.targets import Target
from core.windows import Window


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
