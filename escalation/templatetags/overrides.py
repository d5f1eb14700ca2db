"""What an override says, in a line."""

from django import template

from escalation.models import Override
from escalation.queries.calendar import words_of

register = template.Library()


@register.filter
def override_words(override: Override) -> str:
    """`Ben instead of Ana (Dentist)`."""
    return words_of(override)
