"""The postmortem meeting of an incident: what its ladder says of it, and who is asked to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from core.moments import parse_duration
from incidents.models import Incident, PostmortemTemplate

LENGTH = timedelta(minutes=60)


@dataclass(frozen=True)
class Meeting:
    """When it may be at the earliest (None: it is not over yet), how long it lasts, and who is asked."""

    earliest: datetime | None
    length: timedelta
    people: Sequence[User]


def meeting_of(incident: Incident) -> Meeting:
    """By the ladder's template; without its roles everybody who held one is asked. Two queries."""
    template = PostmortemTemplate.objects.filter(version=incident.level.version_id).first()
    after = parse_duration(template.meeting_after) if template and template.meeting_after else timedelta(0)
    length = parse_duration(template.meeting_length) if template and template.meeting_length else LENGTH
    held = incident.role_assignments.select_related("user").order_by("began_at", "pk")
    if template and template.meeting_roles:
        held = held.filter(role__in=template.meeting_roles)
    people = {row.user_id: row.user for row in held if row.user.is_active}
    earliest = incident.resolved_at + after if incident.resolved_at else None
    return Meeting(earliest, length, list(people.values()))
