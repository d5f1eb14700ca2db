"""The colour and the initials that stand for a person wherever a schedule is drawn."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from escalation.queries.calendar import colour_of, initials_of

register = template.Library()


@register.filter
def face(user: User) -> SafeString:
    """Their initials on their colour; the name stands beside it."""
    return format_html('<span class="mu-face {}" aria-hidden="true">{}</span>', colour_of(user), initials_of(user))
