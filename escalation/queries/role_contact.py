"""The contact table with whoever is meant just now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from escalation.models import RoleContact
from escalation.queries.oncall import OnCallRow, on_call_board


@dataclass(frozen=True)
class ContactLine:
    """One row and the people behind it now; `until` their shift ends, None for a person by name or a long shift."""

    contact: RoleContact
    people: list[User]
    until: datetime | None = None


def contact_lines(rows: Sequence[OnCallRow]) -> list[ContactLine]:
    """The contact table, with `rows` of who is on call. One query."""
    on_call = {row.schedule.pk: row for row in rows}
    return [_line(contact, on_call) for contact in RoleContact.objects.select_related("person", "schedule")]


def contacts_now(now: datetime) -> list[ContactLine]:
    """The contact table with whoever is on call at `now`. Six queries, three more where there are single shifts."""
    return contact_lines(on_call_board(now))


def _line(contact: RoleContact, on_call: dict[int, OnCallRow]) -> ContactLine:
    if contact.person is not None:
        return ContactLine(contact, [contact.person])
    row = on_call.get(contact.schedule_id or 0)
    return ContactLine(contact, row.users, row.until) if row else ContactLine(contact, [])
