"""All that owed() looks at: rows that were already fetched, as what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from incidents.models import Incident, Promise, RoleAssignment


def page_key(ref: str) -> str:
    """What a page's row is called, and the promise that somebody answers it."""
    return f"page:{ref}"


@dataclass(frozen=True)
class RingingPage:
    """A page that nobody has answered: what owed() must know of it."""

    ref: str
    group: str
    next_at: datetime | None
    next_name: str
    is_exhausted: bool
    answer_url: str = ""
    ring_next_url: str = ""


@dataclass(frozen=True)
class PhaseBox:
    """A phase whose time box ends at `ends_at`, with `left` of its `total` items to do; counted from `anchor`."""

    key: str
    name: str
    left: int
    total: int
    ends_at: datetime
    anchor: str


@dataclass(frozen=True)
class Question:
    """The question of the flag `slug` in `words`; `asked` says when, by the names of FlagAsked."""

    slug: str
    words: str
    asked: str

    @property
    def key(self) -> str:
        """What its row is called."""
        return f"question:{self.slug}"


@dataclass(frozen=True)
class IncidentFacts:
    """All that owed() looks at. `promises` are the open ones; `questions` those of flags that nobody has answered.

    `command` is who commands and since when, `silent_since` when they were asked for a sign of life, `is_offered`
    whether they wait for somebody to accept command; `empty_seats` names the roles of the level's team that nobody
    holds, `people` says how many respond.

    `checks` is how many items hold back resolving, and how many of them are still to do. `may_answer` says whether
    whoever looks may answer the questions where they stand.
    """

    incident: Incident
    promises: Sequence[Promise]
    pages: Sequence[RingingPage]
    commander: User | None
    action_urls: dict[str, str]
    command: RoleAssignment | None = None
    silent_since: datetime | None = None
    is_offered: bool = False
    empty_seats: Sequence[str] = ()
    people: int = 0
    boxes: Sequence[PhaseBox] = ()
    checks: tuple[int, int] = (0, 0)
    questions: Sequence[Question] = ()
    may_answer: bool = False
