"""The key with which a browser subscribes to pushes, for the templates that offer it."""

from django import template

from comms.transports.push import public_key

register = template.Library()


@register.simple_tag
def push_key() -> str:
    """Our public key as base64url, or nothing when browsers cannot be rung here."""
    return public_key()
