"""What was typed into a form that was turned away, for the page that says so."""

from typing import Any

from django import template

from core.typed import page_before, typed_words

register = template.Library()


@register.simple_tag(takes_context=True)
def typed(context: Any) -> list[tuple[str, str]]:
    """`{% typed as words %}`: pairs of field and words; none without a request."""
    return typed_words(context["request"]) if "request" in context else []


@register.simple_tag(takes_context=True)
def form_page(context: Any) -> str:
    """`{% form_page as address %}`: where the form stood, or nothing."""
    return page_before(context["request"]) if "request" in context else ""
