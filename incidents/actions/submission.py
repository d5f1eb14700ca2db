"""A double press posts once: each post carries a key that the browser gave it."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from accounts.actor import Actor
from core.errors import Conflict
from incidents.models import Incident, Submission

CLAIM = """
INSERT INTO incidents_submission (key, user_id, at, incident_id) VALUES (%s, %s, %s, %s)
ON CONFLICT (key) DO NOTHING RETURNING id
"""


def claim_submission(
    key: UUID | None, *, by: Actor, now: datetime, incident: Incident | None = None
) -> Submission | None:
    """The row of this press, or None when nobody gave a key (Muster, a machine without one).

    Call it first, inside the action's transaction: a second press with the same key waits here until the first has
    committed. Then `was_here_before` tells. Raises Conflict when the key belongs to another person or incident.
    """
    if key is None or by.user is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [key, by.user.pk, now, incident.pk if incident else None])
        mine = cursor.fetchone()
    if mine:
        return Submission(pk=mine[0], key=key, user=by.user, at=now, incident=incident)
    row = Submission.objects.select_related("incident").get(key=key)
    if row.user_id != by.user.pk:
        raise Conflict("This form was sent by somebody else before; reload the page and send it again.")
    if incident is not None and row.incident_id not in {None, incident.pk}:
        raise Conflict("This form was sent for another incident before; reload the page and send it again.")
    row.was_here_before = True
    return row


def came_before(submission: Submission | None) -> bool:
    """Whether this very press has been carried out already."""
    return submission is not None and submission.was_here_before
