"""Ring the watchers of a room, at commit."""

from comms.enums import MessageKind
from comms.models import Message
from core import live
from incidents.models import Incident, TimelineEntry


def announce_entry(entry: TimelineEntry) -> None:
    """A new line of the timeline: every watcher receives it."""
    live.announce(entry.incident.subject_key, {"entry": entry.number})


def announce_change(incident: Incident, *parts: str) -> None:
    """Parts of the room to fetch anew: band, owed, people, status, impact."""
    live.announce(incident.subject_key, {"changed": list(parts)})


def announce_delivery(message: Message) -> None:
    """A ring has left: the band says by which channel and when. Messages of other kinds tell nobody."""
    if message.kind == MessageKind.PAGE and message.subject_key:
        live.announce(message.subject_key, {"changed": ["band", "people"]})


def announce_audience(incident: Incident) -> None:
    """Who may see it has changed: watchers who may no longer are cut off."""
    live.announce(incident.subject_key, {"audience": True})
