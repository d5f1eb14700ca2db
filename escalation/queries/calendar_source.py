"""Calendars that are read into a schedule, and whom their names mean."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from escalation.intake.calendar import DraftShift
from escalation.models import CalendarSource, Schedule

MOST_UNKNOWN = 30


@dataclass(frozen=True)
class Matched:
    """Drafts with their people: (start, end, user) in order, once each, and the names that nobody has.

    `meant` says by which words who was found, and for how many of them: (words, user, count).
    """

    shifts: list[tuple[datetime, datetime, User]]
    unknown: list[list[str]]
    meant: list[tuple[str, User, int]]

    @property
    def unknowns(self) -> list[tuple[str, datetime]]:
        """The names that nobody here has, each with the first moment of a shift that gives it."""
        return [(name, datetime.fromisoformat(at)) for name, at in self.unknown]


def sources_of(schedule: Schedule) -> QuerySet[CalendarSource]:
    """The calendars that are layers of `schedule`, without their long texts."""
    return CalendarSource.objects.filter(layer__schedule=schedule).select_related("layer", "created_by").defer("text")


def match_people(drafts: Iterable[DraftShift]) -> Matched:
    """Who is meant: whoever attends, by mail or else by name; else the title; else who wrote it down.

    A part of a title is a handle, a mail or a whole name, or holds some of them. Without regard to case. Where two
    people have one name it means neither. One query.
    """
    people = _People()
    found: dict[tuple[datetime, datetime, int], User] = {}
    meant: dict[tuple[str, int], tuple[str, User, int]] = {}
    unknown: dict[str, str] = {}
    for draft in drafts:
        known, nobody = _meant(draft, people)
        for name, user in known:
            found[draft.start, draft.end, user.pk] = user
            said = meant.get((name, user.pk), (name[:120], user, 0))
            meant[name, user.pk] = (*said[:2], said[2] + 1)
        for name in nobody:
            if len(unknown) < MOST_UNKNOWN:
                unknown.setdefault(name[:120], draft.start.isoformat())
    shifts = [(start, end, user) for (start, end, _), user in found.items()]
    return Matched(shifts, [[name, at] for name, at in unknown.items()], list(meant.values()))


def _meant(draft: DraftShift, people: "_People") -> tuple[list[tuple[str, User]], list[str]]:
    """Whom an occurrence means, by which words, and the words that mean nobody."""
    for said in (draft.mails, draft.attending):
        if known := [(name, user) for name in said if (user := people.called(name))]:
            return known, [name for name in said if not people.called(name)]
    parts = {name: people.inside(name) for name in draft.names}
    known = [(name, user) for name, users in parts.items() for user in users]
    if not known:
        known = [(name, user) for name in draft.organizer if (user := people.called(name))][:1]
    said = draft.names or draft.attending or draft.mails or ("(no name)",)
    return known, [name for name in said if not parts.get(name)] if draft.names or not known else []


class _People:
    """What each active person may be called; a name of two people is left out, handles and mails are not."""

    def __init__(self) -> None:
        names: dict[str, list[User]] = {}
        self._mails: dict[str, User] = {}
        self._handles: dict[str, User] = {}
        for user in User.objects.filter(is_active=True):
            names.setdefault(_key(user.name), []).append(user)
            self._handles[user.handle] = user
            self._mails |= {user.email.lower(): user} if user.email else {}
        self._names = {key: users[0] for key, users in names.items() if key and len(users) == 1}
        ats = {f"@{handle}": user for handle, user in self._handles.items()}
        self._sought = _words(self._names | self._mails | ats)
        # A bare handle may be any word, or the first name of somebody else ("Ana Roth"): it counts only where nothing
        # surer stands, and written exactly so.
        self._bare = _words(self._handles)
        self._found: dict[str, list[User]] = {}

    def called(self, name: str) -> User | None:
        """Who is called exactly that."""
        key = _key(name)
        return self._handles.get(key) or self._mails.get(key) or self._names.get(key)

    def inside(self, text: str) -> list[User]:
        """Who is called that, or everybody who is named somewhere in it."""
        if text not in self._found:
            user = self.called(text)
            self._found[text] = [user] if user else self._named(text)
        return self._found[text]

    def _named(self, text: str) -> list[User]:
        words = self._sought.findall(" ".join(text.casefold().split())) or self._bare.findall(text)
        return list(dict.fromkeys(user for word in words if (user := self.called(word))))


def _words(called: Iterable[str]) -> re.Pattern[str]:
    """Any of these as whole words, the longest first."""
    longest = sorted(called, key=len, reverse=True)
    return re.compile(rf"(?<![\w@.-])(?:{'|'.join(map(re.escape, longest)) or '(?!)'})(?![\w@-])")


def _key(name: str) -> str:
    return " ".join(name.removeprefix("@").casefold().split())
