"""Find an incident by what others call it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from accounts.models import User
from incidents.models import Incident

_at_hand: ContextVar[Incident | None] = ContextVar("at_hand", default=None)


@contextmanager
def at_hand(incident: Incident) -> Iterator[None]:
    """While an incident is being declared, whoever hears of its pages finds this very row, without a query."""
    before = _at_hand.set(incident)
    try:
        yield
    finally:
        _at_hand.reset(before)


def incident_of(subject_key: str) -> Incident | None:
    """The incident that pages and messages call `incident:INC-…`, or None when it is not one of ours."""
    prefix, _, reference = subject_key.partition(":")
    if prefix != "incident":
        return None
    known = _at_hand.get()
    if known is not None and known.reference == reference:
        return known
    return Incident.objects.select_related("level__version__ladder", "service").filter(reference=reference).first()


def incident_called(typed: str, reader: User) -> Incident | None:
    """The incident with this reference or number, or None: also when `reader` may not see it."""
    called = typed.strip().upper().replace("\x00", "")
    rows = Incident.objects.visible_to(reader).select_related("level", "audience")
    found: Incident | None = rows.filter(reference=called).first()
    if found is None and called.isdecimal() and len(called) < 9:
        found = rows.filter(number=int(called)).first()
    return found
