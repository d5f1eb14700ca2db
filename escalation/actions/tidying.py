"""What was kept only for pages that go on does not outlast them for ever."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from comms.actions.engine import record_tick
from escalation.models import Page, PageRecurrence, SignOfLife

SWEEP = "escalation.tidy_ended_pages"
KEPT = timedelta(days=30)


def tidy_ended_pages(*, now: datetime, batch: int = 1000) -> int:
    """The sweep: delete signs of life and recurrences that no page asks for any more; how many rows that were.

    Thirty days after a page was stopped its recurrences go; a sign of life as old goes when no page about its subject
    is still open. Why somebody was told stands in other rows, which stay. At most `batch` of each; the next tick goes
    on. Records its tick.
    """
    record_tick(SWEEP, now=now)
    still_open = Page.objects.filter(subject_key=OuterRef("subject_key"), stopped_at__isnull=True)
    signs = SignOfLife.objects.filter(~Exists(still_open), at__lt=now - KEPT).values("pk")[:batch]
    recurrences = PageRecurrence.objects.filter(page__stopped_at__lt=now - KEPT).values("pk")[:batch]
    gone, _ = SignOfLife.objects.filter(pk__in=signs, at__lt=now - KEPT).delete()  # whoever acts just now stays
    counted, _ = PageRecurrence.objects.filter(pk__in=recurrences).delete()
    return gone + counted
