"""Who is in an incident, as every door about people answers."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef
from django.http import HttpRequest
from ninja import Schema

from incidents.api.door import incident_of
from incidents.models import Incident
from incidents.queries.policy import policy_of
from incidents.queries.room import people_of, role_rows


class RoleShown(Schema):
    """One role of the ladder by its slug, and the handles of its holders, the first come first."""

    role: str
    name: str
    kind: str
    holders: list[str]
    began_at: datetime | None
    duties: list[str]


class OfferListed(Schema):
    """A role that waits for somebody to accept it; `number` is that of its handover."""

    number: int
    role: str
    from_user: str
    to_user: str


class PeopleShown(Schema):
    """Every role of the ladder, the offers that wait for an answer, and the handles of who is here without a role."""

    roles: list[RoleShown]
    offers: list[OfferListed]
    here: list[str]


def people_shown(request: HttpRequest, reference: str) -> dict[str, Any]:
    """PeopleShown, from fresh rows."""
    rows = Incident.objects.filter(pk=incident_of(request, reference).pk).select_related("level")
    incident: Any = rows.annotate(**people_of(OuterRef("pk"))).get()
    roles = role_rows(incident, policy_of(incident))
    held = {user.handle for row in roles for user in row.holders}
    return {
        "roles": [
            {
                "role": row.definition.slug,
                "name": row.definition.name,
                "kind": row.definition.kind,
                "holders": [user.handle for user in row.holders],
                "began_at": row.began_at,
                "duties": list(row.duties),
            }
            for row in roles
        ],
        "offers": [
            {
                **{name: offer[name] for name in ("number", "role")},
                "from_user": offer["from"]["handle"],
                "to_user": offer["to"]["handle"],
            }
            for offer in incident.offers
        ],
        "here": [person["handle"] for person in incident.here if person["handle"] not in held],
    }
