"""Plan B as a document: what is kept to be compared, the text that is mailed, and what changed in between."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from accounts.models import User
from core.moments import organisation_zone, show_moment, show_weekday
from escalation.models import RoleContact
from escalation.queries.plan_b import PlanB

NOBODY = "nobody"
Row = tuple[str, datetime, datetime, str]
"""The name of a schedule, from, up to, and who with their numbers."""


@dataclass(frozen=True)
class Content:
    """What the sheet says, row by row."""

    contacts: tuple[str, ...]
    shifts: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """For PlanBSheet.content."""
        shifts = [[name, start.isoformat(), end.isoformat(), who] for name, start, end, who in self.shifts]
        return {"contacts": list(self.contacts), "shifts": shifts}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Content":
        """What `to_json` made."""
        shifts = (
            (name, datetime.fromisoformat(start), datetime.fromisoformat(end), who)
            for name, start, end, who in kept["shifts"]
        )
        return cls(tuple(kept["contacts"]), tuple(shifts))

    @property
    def digest(self) -> str:
        """The same for the same content."""
        return sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    def since(self, now: datetime) -> "Content":
        """Without what is over at `now`."""
        shifts = tuple((name, max(start, now), end, who) for name, start, end, who in self.shifts if end > now)
        return Content(self.contacts, shifts)


def content_of(plan: PlanB) -> Content:
    """What `plan` says."""
    return Content(
        contacts=tuple(contact_text(contact) for contact in plan.contacts),
        shifts=tuple(
            (schedule.name, watch.start, watch.end, people_text(watch.users))
            for schedule, watches in plan.schedules
            for watch in watches
        ),
    )


def contact_text(contact: RoleContact) -> str:
    """One contact in one line, with the number of a person by name."""
    who = person_text(contact.person) if contact.person else contact.who
    within = f"answers within {contact.respond_within}" if contact.respond_within else ""
    return f"{contact.role}: {'; '.join(part for part in (who, contact.method, within) if part)}"


def people_text(users: list[User]) -> str:
    """Everybody with their numbers."""
    return ", ".join(person_text(user) for user in users) or NOBODY


def person_text(user: User) -> str:
    """`Ana Sousa +491701234567`."""
    return f"{user.get_short_name()} {user.phone or '(no number)'}"


def changes(kept: Content, fresh: Content) -> tuple[list[str], list[str]]:
    """What `fresh` no longer says, and what it says anew, as lines; both empty when they say the same."""
    before, after = ([*content.contacts, *_shift_lines(content)] for content in (kept, fresh))
    return [line for line in before if line not in after], [line for line in after if line not in before]


def as_text(plan: PlanB) -> str:
    """The whole sheet as plain text, in the organisation's zone."""
    content = content_of(plan)
    zone = organisation_zone()
    parts = [[f"Plan B from {show_moment(plan.start)} to {show_moment(plan.end)}. Times are {zone.key}."]]
    if content.contacts:
        parts.append(["CONTACTS", *(f"- {line}" for line in content.contacts)])
    for schedule, watches in plan.schedules:
        rows = [f"- {_span(watch.start, watch.end)}: {people_text(watch.users)}" for watch in watches]
        parts.append([f"ON CALL IN {schedule.name.upper()}", *rows])
    return "\n\n".join("\n".join(part) for part in parts)


def _shift_lines(content: Content) -> list[str]:
    return [f"{name}, {_span(start, end)}: {who}" for name, start, end, who in content.shifts]


def _span(start: datetime, end: datetime) -> str:
    return f"{show_weekday(start)} to {show_weekday(end)}"
