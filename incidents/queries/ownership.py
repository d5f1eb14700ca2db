"""What a person owns in an incident once they have answered, as one says it to them."""

from accounts.models import User
from incidents.models import Incident

PASS_ON = "To pass it on, open the room and choose another person under Roles."


def sentence_of_ownership(incident: Incident, person: User) -> str:
    """Whether they command and how to pass it on, else who does and which roles are theirs.

    No query for an incident that was fetched with its roles (Incident.objects.for_rows).
    """
    commander = incident.commander
    if commander == person:
        return f"You command this incident. {PASS_ON}"
    if commander is None:
        return "Nobody commands yet. In the room you can take command."
    held = [row for row in incident.role_assignments.all() if row.user_id == person.pk and row.ended_at is None]
    return " ".join([f"{commander} commands.", *(f"You are {row.name.lower()}." for row in held)])
