"""What is owed to the public and by when, and what it has read."""

from datetime import datetime

from django.db.models import OuterRef, Subquery

from incidents.enums import IncidentStatus, PromiseKind
from incidents.models import Incident, StatusUpdate


def owes_public(incident: Incident) -> bool:
    """Whether its level owes the public a word, and the public may hear of it."""
    kinds = [duty.kind for duty in incident.level.duties.all()] if incident.may_be_public else []
    return PromiseKind.PUBLIC_UPDATE in kinds


def no_change_reaches_public(incident: Incident) -> bool:
    """Whether “no change” is told to the public too: it was told before that it goes on, and it is owed the next word.

    Whoever reads “resolved” learns that it is not by words of its own.
    """
    return incident.public_state not in {"", IncidentStatus.RESOLVED, IncidentStatus.CLOSED} and owes_public(incident)


def public_rhythm(incident: Incident, *, now: datetime) -> datetime | None:
    """By when the level owes the public a word after one that is said now; None where it owes the public nothing.

    As often as people inside; where these are owed nothing again and again, as often as the public's own duty says.
    """
    if not owes_public(incident):
        return None
    calendar = incident.level.version.calendar
    due = {duty.kind: duty.target.due_at(now, calendar) for duty in incident.level.duties.all()}
    return due.get(PromiseKind.STATUS_UPDATE) or due[PromiseKind.PUBLIC_UPDATE]


def next_public_by(incident: Incident, *, now: datetime) -> datetime | None:
    """By when words to the public that are said now promise the next ones; None when they promise none.

    The moment that was told last while it is to come, and never later than the level's rhythm allows.
    """
    if not incident.is_open:
        return None
    told = incident.status_updates.filter(next_by__isnull=False).order_by("-posted_at", "-pk").first()
    moments = [told.next_by if told else None, public_rhythm(incident, now=now)]
    return min((moment for moment in moments if moment and moment > now), default=None)


def last_words_with_public(incident: Incident) -> tuple[StatusUpdate | None, str]:
    """The newest update that says where it stands, and what the public read last; one query."""
    told = StatusUpdate.objects.filter(incident=OuterRef("incident"), told_public_at__isnull=False)
    read = Subquery(told.order_by("-told_public_at", "-pk").values("public_text")[:1])
    last = incident.status_updates.with_substance().annotate(public_read=read).first()
    return last, (last.public_read or "") if last else ""
