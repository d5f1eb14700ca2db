"""A moment in a named zone: a hand-off is read in the viewer's zone and in the schedule's."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.moments import show_weekday

register = template.Library()


@register.filter
def in_zone(moment: datetime | None, zone: str) -> str | SafeString:
    """`<time>Mon 6 Apr 09:00 CEST</time>` in `zone`, an IANA name; nothing for no moment."""
    if moment is None:
        return ""
    there = ZoneInfo(zone)
    return format_html(
        '<time datetime="{}">{}</time>',
        moment.astimezone(there).isoformat(timespec="seconds"),
        show_weekday(moment, there),
    )
