"""Calendars that are read into a schedule, and whom their names mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from escalation.intake.calendar import DraftShift
from escalation.models import CalendarSource, Schedule

MOST_UNKNOWN = 30


@dataclass(frozen=True)
class Matched:
    """Drafts with their people: (start, end, user) in order, once each, and the names that nobody has."""

    shifts: list[tuple[datetime, datetime, User]]
    unknown: list[list[str]]


def sources_of(schedule: Schedule) -> QuerySet[CalendarSource]:
    """The calendars that are layers of `schedule`, without their long texts."""
    return CalendarSource.objects.filter(layer__schedule=schedule).select_related("layer", "created_by").defer("text")


def match_people(drafts: Iterable[DraftShift]) -> Matched:
    """Who is meant: by the mail of an attendee, else by the title, as a handle, a mail or a whole name.

    Without regard to case. Where two people have one name it means neither. One query.
    """
    people = _called()
    found: dict[tuple[datetime, datetime, int], User] = {}
    unknown: dict[str, str] = {}
    for draft in drafts:
        known = [people[mail] for mail in draft.mails if mail in people]
        said: Sequence[str] = draft.mails
        if not known:
            known = [people[key] for name in draft.names if (key := _key(name)) in people]
            said = draft.names or draft.mails or ("(no name)",)
        for user in known:
            found[draft.start, draft.end, user.pk] = user
        for name in said:
            if _key(name) not in people and len(unknown) < MOST_UNKNOWN:
                unknown.setdefault(name[:120], draft.start.isoformat())
    shifts = [(start, end, user) for (start, end, _), user in found.items()]
    return Matched(shifts, [[name, at] for name, at in unknown.items()])


def _called() -> dict[str, User]:
    """What each active person may be called; a name of two people is left out, handles and mails are not."""
    names: dict[str, list[User]] = {}
    sure: dict[str, User] = {}
    for user in User.objects.filter(is_active=True):
        names.setdefault(_key(user.name), []).append(user)
        sure |= {key: user for key in (user.handle, user.email.lower()) if key}
    return {key: users[0] for key, users in names.items() if key and len(users) == 1} | sure


def _key(name: str) -> str:
    return " ".join(name.removeprefix("@").casefold().split())
