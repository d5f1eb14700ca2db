"""The last sign of life about an answered page, and who has its subject now."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from escalation.models import Page, PageAnswer, SignOfLife


def last_life(page: Page, answers: Iterable[PageAnswer]) -> datetime:
    """The newest of: its acknowledgement, an answer, the arrival that one of them named, an act about its subject.

    One query. Whoever said “in 30 min” is not silent before.
    """
    moments = [page.acknowledged_at or page.started_at]
    moments += [answer.at for answer in answers]
    moments += [answer.arrives_at for answer in answers if answer.arrives_at]
    moments += SignOfLife.objects.filter(subject_key=page.subject_key).values_list("at", flat=True)
    return max(moments)


def in_charge_of(subject_key: str) -> User | None:
    """Who has the subject now since whoever answered passed it on; None: who answered has it. Those who are here."""
    row = SignOfLife.objects.filter(subject_key=subject_key, in_charge__is_active=True).select_related("in_charge")
    found = row.first()
    return found.in_charge if found else None
