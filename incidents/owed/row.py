"""One row of what you owe, and the shade that its moment gives it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from incidents.enums import RoleKind
from incidents.owed.facts import page_key

SOON = timedelta(minutes=5)
MINE = "I'm on it"
TONES = {"late": 0, "soon": 1, "": 2}
EMPTY = {"owner": "", "detail": "", "posts": False}


@dataclass(frozen=True)
class OwedRow:
    """One thing owed. `due_at` is None for what has no moment; `tone` is late, soon or empty.

    `verb` is the button's word and `url` where it leads (a path, or `#part` of the room); `posts` says whether the
    button acts at once (POST) or leads to a form. `more` are further answers beside it, word and path, which post too.
    `is_watch` says whether it is the end of the watch, with which nobody can be late.
    """

    key: str
    what: str
    detail: str
    due_at: datetime | None
    left: timedelta | None
    tone: str
    owner: str
    verb: str
    url: str
    posts: bool = False
    person: User | None = None
    role: str = ""
    more: tuple[tuple[str, str], ...] = ()
    is_watch: bool = False

    @property
    def is_page(self) -> bool:
        """Whether it is a page, which whoever it rings may answer."""
        return self.key.startswith(page_key(""))

    def is_owed_by(self, user: User, roles: Collection[str]) -> bool:
        """Whether `user` owes it, who holds `roles` (slugs and kinds): by name, by role, else by commanding.

        A page is owed by whom it rings.
        """
        if self.is_page:
            return self.verb == MINE
        if self.person:
            return self.person == user
        return (self.role or RoleKind.COMMANDER) in roles


def tone_of(due_at: datetime | None, now: datetime) -> str:
    """late once its moment has come, soon in the five minutes before."""
    if due_at is None:
        return ""
    if due_at <= now:
        return "late"
    return "soon" if due_at - now <= SOON else ""


def row_of(now: datetime, *, due_at: datetime | None = None, tone: str | None = None, **fields: Any) -> OwedRow:
    """A row with what is left of its time at `now`, and the shade of its moment where no `tone` is given."""
    left = due_at - now if due_at else None
    shade = tone_of(due_at, now) if tone is None else tone
    return OwedRow(due_at=due_at, left=left, tone=shade, **{**EMPTY, **fields})
