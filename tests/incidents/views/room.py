"""The words that the stories about presses in the room share."""

from typing import Any

from django.test import Client

from incidents.models import Incident

HTMX = {"HX-Request": "true"}


def press(browser: Client, incident: Incident, tail: str, *, htmx: bool = False, **sent: object) -> Any:
    """Press what posts to `tail` of the room's address; the answer."""
    return browser.post(incident.get_absolute_url() + tail, sent, headers=HTMX if htmx else {})


def texts(incident: Incident) -> list[str]:
    """What the timeline says, oldest first."""
    return list(incident.entries.order_by("number").values_list("text", flat=True))
