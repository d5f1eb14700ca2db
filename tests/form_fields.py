"""What a browser would send from a form of a page, before anybody typed into it."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

BUTTONS = {"submit", "button", "reset", "image", "file"}


class FormFields(HTMLParser):
    """Collects the fields of the form with one id."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.fields: dict[str, list[str]] = {}
        self.inside = False
        self.was_there = False
        self.textarea = ""
        self.written = ""
        self.select = ""
        self.options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == self.form_id
            self.was_there = self.was_there or self.inside
        if not self.inside:
            return
        if tag == "input":
            self.add_input(given)
        elif tag == "textarea":
            self.textarea, self.written = given["name"], ""
        elif tag == "select":
            self.select, self.options = given["name"], []
        elif tag == "option":
            self.options.append((given.get("value", ""), "selected" in given))

    def add_input(self, given: dict[str, str]) -> None:
        """A text, a hidden value, or a box that is ticked."""
        kind = given.get("type", "text")
        if not given.get("name") or kind in BUTTONS:
            return
        if kind not in {"checkbox", "radio"} or "checked" in given:
            default = "on" if kind == "checkbox" else ""
            self.fields.setdefault(given["name"], []).append(given.get("value") or default)

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.written += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.textarea:
            self.fields[self.textarea] = [self.written.removeprefix("\n")]
            self.textarea = ""
        elif tag == "select" and self.select:
            chosen = [value for value, selected in self.options if selected]
            self.fields[self.select] = chosen[:1] or [value for value, _ in self.options[:1]]
            self.select = ""


def form_fields(response: HttpResponse | Any, form_id: str) -> dict[str, list[str]]:
    """{name: values} of the form `form_id` as a browser would send it untouched."""
    parser = FormFields(form_id)
    parser.feed(response.content.decode())
    assert parser.was_there, f"There is no form {form_id} in the page."
    return parser.fields


def press(client: Client, page: HttpResponse | Any, label: str, **typed: Any) -> Any:
    """Press the first button of `page` that says `label`: its form is sent, with what was `typed` into it."""
    html = page.content.decode()
    forms = re.findall(r"<form\b.*?</form>", html, re.DOTALL)
    form = next(one for one in forms if re.search(rf"<button[^>]*>\s*{re.escape(label)}", unescape(one)))
    parser = FormFields("pressed")
    parser.feed(re.sub(r"<form\b([^>]*)>", r'<form\1 id="pressed">', form, count=1))
    action = re.search(r'action="([^"]*)"', form)
    assert action, f"The form of {label} leads nowhere."
    return client.post(unescape(action[1]), {**parser.fields, **typed})
