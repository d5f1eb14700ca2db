"""A moment in a named zone: a hand-off is read in the viewer's zone and in the schedule's."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.moments import show_clock, show_weekday

register = template.Library()


@register.filter
def in_zone(moment: datetime | None, zone: str) -> str | SafeString:
    """`<time>Mon 6 Apr 09:00 CEST</time>` in `zone`, an IANA name; nothing for no moment."""
    return "" if moment is None else _element(moment, ZoneInfo(zone), show_weekday)


@register.filter
def clock_in_zone(moment: datetime | None, zone: str) -> str | SafeString:
    """`<time>09:00 CEST</time>` in `zone`, where the day stands beside it; nothing for no moment."""
    return "" if moment is None else _element(moment, ZoneInfo(zone), show_clock)


def _element(moment: datetime, there: ZoneInfo, show: Callable[[datetime, ZoneInfo], str]) -> SafeString:
    return format_html(
        '<time datetime="{}">{}</time>', moment.astimezone(there).isoformat(timespec="seconds"), show(moment, there)
    )
