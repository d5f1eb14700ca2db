"""Plan B by mail: who gets it, and a new sheet whenever the last one is no longer true."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from accounts.actor import Actor
from comms.actions.engine import record_tick
from comms.actions.message import queue_message
from comms.enums import MessageKind
from core.errors import InvalidInput, NotAllowed
from core.rows import check_row
from escalation.export.plan_b import Content, as_text, changes, content_of
from escalation.models import PlanBReader, PlanBSheet
from escalation.permissions import check_can_configure, check_can_read_plan_b
from escalation.queries.plan_b import AHEAD, plan_b_between

SWEEP = "escalation.mail_plan_b"
SELDOM = timedelta(hours=1)
FRESH_BEFORE = timedelta(days=1)
MOST_LINES = 20


@transaction.atomic
def ask_for_plan_b(*, by: Actor, now: datetime) -> PlanBReader:
    """`by` gets the sheet by mail: as it is now, and again whenever it changes. A second time changes nothing.

    Where none was ever mailed the sweep sends the first one. Raises NotAllowed unless `by` is a responder.
    """
    check_can_read_plan_b(by)
    if by.user is None:
        raise NotAllowed("Plan B is asked for by a person.")
    reader, is_new = PlanBReader.objects.get_or_create(user=by.user, defaults={"asked_at": now, "asked_by": by.user})
    if is_new and PlanBSheet.objects.exists():
        body = as_text(plan_b_between(now, now + AHEAD))
        _send(reader, "Plan B: the next 7 days", body, key=f"asked:{now:%Y%m%dT%H%M%S}", now=now)
    return reader


@transaction.atomic
def stop_plan_b(*, by: Actor, now: datetime) -> None:
    """`by` gets no sheet by mail any more; that they got none before is no error."""
    PlanBReader.objects.filter(user=by.user, user__isnull=False).delete()


@transaction.atomic
def set_plan_b_reader(reader: PlanBReader, *, by: Actor, now: datetime) -> PlanBReader:
    """Send the sheet to a person or a standing channel as well. Raises NotAllowed, InvalidInput."""
    check_can_configure(by)
    if (reader.user is None) == (reader.subscription is None):
        raise InvalidInput("Say either which person gets it, or which standing channel.")
    reader.asked_at, reader.asked_by = now, by.user
    check_row(reader)
    reader.save()
    return reader


@transaction.atomic
def remove_plan_b_reader(reader: PlanBReader, *, by: Actor, now: datetime) -> None:
    """Send it there no more. Raises NotAllowed."""
    check_can_configure(by)
    reader.delete()


def mail_plan_b(*, now: datetime) -> int:
    """The sweep: mail a new sheet to every reader when the last one is no longer true; how many were written to.

    No longer true: a contact, a number, or who is on call in what is left of its seven days. That the days go by is no
    change, but on its last day a fresh sheet follows. At most one an hour; what changed meanwhile is in the next one.
    """
    written = _mail(now)
    record_tick(SWEEP, now=now)
    return written


@transaction.atomic
def _mail(now: datetime) -> int:
    """The readers' rows are the claim: whoever finds them taken leaves the work to the other sweep."""
    rows = PlanBReader.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user", "subscription")
    readers = [reader for reader in rows if reader.is_there]
    last = PlanBSheet.objects.first()
    if not readers or (last is not None and now - last.made_at < SELDOM):
        return 0
    words = _what_is_new(last, now)
    if words is None:
        return 0
    plan = plan_b_between(now, now + AHEAD)
    content = content_of(plan)
    sheet = PlanBSheet.objects.create(
        made_at=now, covers_until=plan.end, content=content.to_json(), digest=content.digest
    )
    subject, news = words
    body = "\n\n".join(part for part in (news, as_text(plan)) if part)
    for reader in readers:
        _send(reader, subject, body, key=str(sheet.pk), now=now)
    return len(readers)


def _what_is_new(last: PlanBSheet | None, now: datetime) -> tuple[str, str] | None:
    """The subject and the first lines of a new sheet, or None while the last one holds."""
    if last is None or now >= last.covers_until:
        return "Plan B: the next 7 days", ""
    kept = Content.from_json(last.content).since(now)
    fresh = content_of(plan_b_between(now, last.covers_until))
    if kept.digest == fresh.digest:
        is_old = now >= last.covers_until - FRESH_BEFORE
        return ("Plan B: the next 7 days", "Nothing of the last sheet has changed.") if is_old else None
    gone, new = changes(kept, fresh)
    lines = [*(f"- no longer: {line}" for line in gone), *(f"- new: {line}" for line in new)]
    more = len(lines) - MOST_LINES
    shown = lines[:MOST_LINES] + ([f"- and {more} lines more"] if more > 0 else [])
    return f"Plan B has changed: {len(lines)} lines", "\n".join(["What changed:", *shown])


def _send(reader: PlanBReader, subject: str, body: str, *, key: str, now: datetime) -> None:
    to = reader.user or reader.subscription
    if to is not None:
        queue_message(
            now=now,
            kind=MessageKind.NOTICE,
            to=to,
            subject=subject,
            body=body,
            link=reverse("escalation:plan-b"),
            subject_key="plan-b",
            dedup_key=f"plan-b:{key}:{reader.pk}",
        )
