"""Which step a “ring next” button was drawn for."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

PLACE = re.compile(r"^(\d{1,6})-(\d{1,4})-(\d{1,4})$")


class NextStepField(forms.CharField):
    """`0-0-1` as (round, run, step); nothing for a button that does not say."""

    def clean(self, value: Any) -> tuple[int, int, int] | None:
        """Read it, or refuse what is no step."""
        text = super().clean(value)
        if not text:
            return None
        match = PLACE.match(text)
        if not match:
            raise ValidationError("This button is too old: reload the page.")
        return int(match[1]), int(match[2]), int(match[3])


class NextStepForm(forms.Form):
    """What a “ring next” button sends: PageLine.next_key."""

    step = NextStepField(required=False)
