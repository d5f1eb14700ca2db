"""Moments in templates: machine-readable, in the organisation's zone; a small script shows the reader's own."""

from datetime import datetime, timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import moments as words

register = template.Library()


@register.filter
def clock(moment: datetime | None) -> str | SafeString:
    """`<time>14:23</time>`, its title the whole moment with the zone."""
    return _element(moment, "%H:%M")


@register.filter
def moment(moment: datetime | None) -> str | SafeString:
    """`<time>2026-04-18 14:23 CEST</time>`."""
    return _element(moment, "%Y-%m-%d %H:%M %Z")


@register.filter
def clock_zone(moment: datetime | None) -> str | SafeString:
    """`<time>14:23 CEST</time>`."""
    return _element(moment, "%H:%M %Z")


@register.filter
def clock_seconds(moment: datetime | None) -> str | SafeString:
    """`<time>14:23:04 CEST</time>`, for what left for whom."""
    return _element(moment, "%H:%M:%S %Z")


@register.filter
def left(duration: timedelta | None) -> str:
    """A countdown, `4:20`."""
    return "" if duration is None else words.show_left(duration)


def _element(moment: datetime | None, shape: str) -> str | SafeString:
    if moment is None:
        return ""
    local = moment.astimezone(words.organisation_zone())
    return format_html(
        '<time datetime="{}" title="{}" data-shape="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        words.show_moment(local),
        {"%H:%M": "clock", "%H:%M %Z": "clock-zone", "%H:%M:%S %Z": "seconds"}.get(shape, "moment"),
        words.show_as(shape, local),
    )
