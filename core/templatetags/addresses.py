"""`{% url %}` and `{% static %}` as Django has them, but what was asked for before is not looked up again.

A room names fifty addresses, each at every request; looking them up was a fifth of its rendering.
"""

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as plain_url
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

register = template.Library()


@lru_cache(maxsize=8192)
def _address(name: str, args: tuple[Any, ...], app: str | None, urlconf: str, prefix: str) -> str:
    return reverse(name, args=args, current_app=app)


def _where(request: Any) -> tuple[str | None, str, str]:
    """Of which app a page is, and what addresses there are; asked once for a request, which has fifty of them."""
    known: tuple[str | None, str, str] | None = getattr(request, "addresses", None)
    if known is None:
        match = getattr(request, "resolver_match", None)
        known = (match.namespace if match else None, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
        if match:
            request.addresses = known
    return known


@lru_cache(maxsize=512)
def _file(path: str, below: str) -> str:
    return str(conditional_escape(StaticNode.handle_simple(path)))


class KeptURLNode(URLNode):
    """One address. Named arguments, and those that cannot be kept, are left to Django."""

    def render(self, context: Any) -> str:
        """The address, or nothing when it goes into a variable. Raises NoReverseMatch as Django does."""
        args = tuple(arg.resolve(context) for arg in self.args)
        if self.kwargs or not all(isinstance(arg, (str, int)) for arg in args):
            return str(super().render(context))
        name = str(self.view_name.resolve(context))
        try:
            found = _address(name, args, *_where(getattr(context, "request", None)))
        except NoReverseMatch:
            return str(super().render(context))
        if self.asvar:
            context[self.asvar] = found
            return ""
        return str(conditional_escape(found)) if context.autoescape else found


@register.tag
def url(parser: Parser, token: Token) -> KeptURLNode:
    """`{% url "incidents:incident-detail" reference %}`."""
    node: Any = plain_url(parser, token)
    return KeptURLNode(node.view_name, node.args, node.kwargs, node.asvar)


@register.simple_tag
def static(path: str) -> SafeString:
    """`{% static "js/room.js" %}`: where the browser finds a file of ours."""
    return SafeString(_file(path, settings.STATIC_URL))
