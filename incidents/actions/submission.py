"""A double press posts once: each post carries a key that the browser gave it."""

from datetime import datetime
from uuid import UUID

from accounts.actor import Actor
from core.errors import Conflict
from core.prepared import prepared_cursor
from incidents.models import Incident, Submission

CLAIM = """
INSERT INTO incidents_submission (key, user_id, at, incident_id) VALUES (%s, %s, %s, %s)
ON CONFLICT (key) DO NOTHING RETURNING id
"""
RUNNING_NUMBER = 0x4D757374  # the name of PostgreSQL's advisory lock that gives out the number
# The lock is taken once the key is written, never while another press holds the key: two presses wait in one order.
CLAIM_DECLARATION = """
WITH claimed AS (
    INSERT INTO incidents_submission (key, user_id, at, incident_id)
    VALUES (%s, %s, %s, nextval(pg_get_serial_sequence('incidents_incident', 'id')))
    ON CONFLICT (key) DO NOTHING RETURNING id, incident_id
)
SELECT id, incident_id, pg_advisory_xact_lock(%s) FROM claimed
"""


def claim_declaration(key: UUID | None, *, by: Actor, now: datetime) -> Submission | None:
    """`claim_submission` of a press that declares, in one statement with the lock that gives out numbers.

    The row names the incident that is going to be (its `incident_id`); the caller writes it in this transaction.
    Numbers run without a hole, also over a crash, as no sequence would: two declarations at once wait for each other
    here, for as long as one commit takes. Without a key only the lock is taken.
    """
    with prepared_cursor() as cursor:
        if key is None or by.user is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RUNNING_NUMBER])
            return None
        cursor.execute(CLAIM_DECLARATION, [key, by.user.pk, now, RUNNING_NUMBER])
        mine = cursor.fetchone()
    if mine:
        return Submission(pk=mine[0], key=key, user=by.user, at=now, incident_id=mine[1])
    return _claimed_before(key, by=by)


def claim_submission(
    key: UUID | None, *, by: Actor, now: datetime, incident: Incident | None = None
) -> Submission | None:
    """The row of this press, or None when nobody gave a key (Muster, a machine without one).

    Call it first, inside the action's transaction: a second press with the same key waits here until the first has
    committed. Then `was_here_before` tells. Raises Conflict when the key belongs to another person or incident.
    """
    if key is None or by.user is None:
        return None
    with prepared_cursor() as cursor:
        cursor.execute(CLAIM, [key, by.user.pk, now, incident.pk if incident else None])
        mine = cursor.fetchone()
    if mine:
        return Submission(pk=mine[0], key=key, user=by.user, at=now, incident=incident)
    row = _claimed_before(key, by=by)
    if incident is not None and row.incident_id not in {None, incident.pk}:
        raise Conflict("This form was sent for another incident before; reload the page and send it again.")
    return row


def _claimed_before(key: UUID, *, by: Actor) -> Submission:
    """The row of an earlier press with this key. Raises Conflict when it was somebody else's."""
    row = Submission.objects.select_related("incident").get(key=key)
    if by.user is None or row.user_id != by.user.pk:
        raise Conflict("This form was sent by somebody else before; reload the page and send it again.")
    row.was_here_before = True
    return row


def came_before(submission: Submission | None) -> bool:
    """Whether this very press has been carried out already."""
    return submission is not None and submission.was_here_before
