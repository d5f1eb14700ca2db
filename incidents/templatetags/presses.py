"""The two things that are pressed in a room: a link that opens a panel, a button that acts at once.

Tags and not partials, and made once in a process: a room has forty of them.
"""

from functools import lru_cache
from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString

MOST_KEPT = 4096
register = template.Library()


@register.simple_tag(takes_context=True)
def opens(
    context: Any,
    *,
    key: str,
    label: str,
    look: str = "",
    id: str = "",
    with_what: Any = "",
    letter: str = "",
    does: str = "",
) -> SafeString:
    """A link that opens the panel `key` in place; without JavaScript it loads the page with it open.

    `with_what`: more of the query. `letter`: the single key that does the same; `does`: what the list of keys says of
    it, when the label alone does not.
    """
    return _link(str(context.get("room_url", "")), key, str(label), look, id, with_what or "", letter, does)


@register.simple_tag(takes_context=True)
def press(
    context: Any,
    *,
    url: str,
    label: str,
    look: str = "",
    id: str = "",
    name: str = "",
    value: Any = "",
    tells: str = "",
    letter: str = "",
) -> SafeString:
    """One button that acts at once. HTMX puts the answer's parts in place; a browser gets the room again.

    `name` and `value`: what it sends. `tells`: what it will do, as its title.
    """
    token = context.get("csrf_token") or get_token(context["request"])
    sent = format_html('<input type="hidden" name="{}" value="{}">', name, value) if name else ""
    begin, end = _form(url), _button(str(label), look, id, tells, letter)
    return SafeString(f'{begin}<input type="hidden" name="csrfmiddlewaretoken" value="{token}">{sent}{end}')


@lru_cache(maxsize=MOST_KEPT, typed=True)
def _link(
    room_url: str, key: str, label: str, look: str, id: str, with_what: str, letter: str, does: str
) -> SafeString:
    address = format_html("{}?panel={}{}", room_url, key, with_what)
    return format_html(
        '<a id="{}" class="{}" href="{}#room-panel" hx-get="{}" hx-target="#room-panel" hx-swap="outerHTML"{}>'
        "{}{}</a>",
        *(id, look, address, address, _key(letter, does or label), label, _hint(letter)),
    )


@lru_cache(maxsize=MOST_KEPT, typed=True)
def _form(url: str) -> SafeString:
    return format_html(
        '<form method="post" action="{}" hx-post="{}" hx-swap="none" hx-disabled-elt="find button" class="mu-press">',
        *(url, url),
    )


@lru_cache(maxsize=MOST_KEPT, typed=True)
def _button(label: str, look: str, id: str, tells: str, letter: str) -> SafeString:
    title = format_html(' title="{}"', tells) if tells else ""
    return format_html(
        '<button type="submit" id="{}" class="{}"{}{}>{}{}</button></form>',
        *(id, look, title, _key(letter, label), label, _hint(letter)),
    )


def _key(letter: str, label: str) -> str | SafeString:
    return format_html(' data-key="{}" data-key-label="{}"', letter, label) if letter else ""


def _hint(letter: str) -> str | SafeString:
    return format_html(' <kbd class="mu-wide" aria-hidden="true">{}</kbd>', letter) if letter else ""
