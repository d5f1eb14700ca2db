"""Spans of time in whole words, where seconds would only be noise."""

from datetime import timedelta

from django import template

register = template.Library()
UNITS = ((86400, "day", "days"), (3600, "h", "h"), (60, "min", "min"))


@register.filter
def span(duration: timedelta | None) -> str:
    """`2 days`, `9 h`, `5 min`, of either sign; the largest unit that fills, `less than a minute` without one."""
    if duration is None:
        return ""
    seconds = abs(int(duration.total_seconds()))
    for size, one, many in UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {one if count == 1 else many}"
    return "less than a minute"
