"""What a panel of the room is made of."""

from collections.abc import Callable
from dataclasses import dataclass

from incidents.forms.submission import RoomForm
from incidents.queries.room import Room


@dataclass(frozen=True)
class Offer:
    """One panel: its title, its form, the door it posts to, the button's word, and what the press will do."""

    title: str
    form: type[RoomForm]
    door: str
    verb: str
    tells: Callable[[Room], list[str]]
    tone: str = "primary"
