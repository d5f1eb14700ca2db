"""Customers who report it, counted by whoever talks to them."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from core.errors import WrongState
from incidents.actions.lock import lock_incident
from incidents.actions.numbered import one_line
from incidents.actions.submission import came_before, claim_submission
from incidents.actions.timeline import write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, IncidentStatus
from incidents.models import CustomerReport, Incident
from incidents.permissions import check_can_report

SAID_EVERY = 10


@transaction.atomic
def add_report(
    incident: Incident, *, by: Actor, now: datetime, note: str = "", submission_key: UUID | None = None
) -> CustomerReport | None:
    """One more customer reports it. Everybody who may see the incident may say so, without acting in it.

    The timeline names the first, every tenth, and each that has a `note`: a wave of reports buries nothing else. It is
    no sign of life of the response. The same `submission_key` again does nothing and returns None. Raises NotAllowed,
    WrongState for a closed incident.
    """
    check_can_report(by, incident)
    locked = lock_incident(incident)
    if locked.status == IncidentStatus.CLOSED:
        raise WrongState(f"{locked.reference} is closed; nothing was changed.")
    if came_before(claim_submission(submission_key, by=by, now=now, incident=locked)):
        return None
    note = one_line(note, field="note", longest=200)
    report = CustomerReport.objects.create(incident=locked, at=now, by=by.user, note=note)  # type: ignore[misc]
    count = locked.customer_reports.count()
    if note or count == 1 or count % SAID_EVERY == 0:
        said = "1 customer reports it" if count == 1 else f"{count} customers report it"
        text = f"{said}: {note}" if note else said
        write_entry(locked, by=by, now=now, text=text, kind=EntryKind.IMPACT, facts={"reports": count})
    announce_change(locked, "facts")
    return report
