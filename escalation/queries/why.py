"""“Why was Ana (not) told?”: the rows that were written at the time, put in order. Nothing is worked out afresh.

Whom a step named, from which layer and in whose place, is on the attempt; by which rule, and why not, on the message;
what the other side said, on the delivery. What nobody wrote down is not answered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from comms.enums import MessageKind, MessageStatus, Report
from comms.models import Delivery, Message
from core.moments import show_moment
from escalation.enums import AnswerKind, AttemptOutcome, PageStatus
from escalation.models import Page, PageAnswer, PageAttempt, PageHold

MOST = 200


@dataclass(frozen=True)
class Evidence:
    """One row, in words, at the moment at which it was written; `kind` says which table it stands in."""

    at: datetime
    kind: str
    words: str


@dataclass(frozen=True)
class Why:
    """The answer in one sentence, and the rows behind it in the order of their moments."""

    page: Page
    user: User
    was_told: bool
    sentence: str
    evidence: list[Evidence]


@dataclass(frozen=True)
class Rows:
    """What the tables hold of one person and one page."""

    page: Page
    user: User
    attempts: list[PageAttempt]
    replaced: list[PageAttempt]
    messages: list[Message]
    answers: list[PageAnswer]
    holds: list[PageHold]

    @property
    def rung(self) -> list[PageAttempt]:
        """The attempts that rang them."""
        return [row for row in self.attempts if row.outcome == AttemptOutcome.RUNG]

    @property
    def sent(self) -> list[Message]:
        """The messages that were handed over to them, alone or in one with others; the first one first."""
        found = [row for row in self.messages if row.status == MessageStatus.SENT or _bundle_left(row)]
        return sorted(found, key=_left_at)


def why(page: Page, user: User) -> Why:
    """Whether and why `page` told `user`, in eight queries at most."""
    rows = _rows(page, user)
    evidence = sorted(_evidence(rows), key=lambda one: one.at)
    return Why(page, user, bool(rows.sent), _sentence(rows), evidence[:MOST])


def people_asked_about(page: Page) -> list[User]:
    """Whoever stands in the rows of `page`: rung, not rung, replaced or answering. Two queries."""
    ids = {pk for named in page.attempts.values_list("user_id", "instead_of") for pk in (named[0], *named[1]) if pk}
    return list(User.objects.filter(Q(pk__in=ids) | Q(page_answers__page=page)).distinct().order_by("handle"))


def _rows(page: Page, user: User) -> Rows:
    attempts = page.attempts.select_related("user", "override__created_by").order_by("at", "pk")
    mine = Message.objects.filter(kind=MessageKind.PAGE, user=user, subject_key=page.subject_key)
    messages = mine.filter(dedup_key__startswith=page.message_key).select_related("bundled_into")
    return Rows(
        page=page,
        user=user,
        attempts=list(attempts.filter(user=user)),
        replaced=list(attempts.filter(instead_of__contains=[user.pk])),
        messages=list(
            messages.prefetch_related("deliveries", "bundled_into__deliveries").order_by("created_at", "pk")
        ),
        answers=list(page.answers.select_related("user").order_by("at", "pk")),
        holds=list(page.holds.order_by("held_at", "pk")),
    )


# --- the sentence ----------------------------------------------------------------------------------------------------
def _sentence(rows: Rows) -> str:
    """The newest thing that decides it, in words."""
    user = rows.user
    if rows.sent:
        return _told(rows)
    if rows.rung:
        return _nothing_left(rows)
    if rows.attempts:
        last = rows.attempts[-1]
        return f"No, {user} was not rung: {last.get_outcome_display().lower()} ({last.source})."
    if rows.replaced:
        last = rows.replaced[-1]
        return f"No, {user} was not rung: {_in_place(last)} ({last.source})."
    return f"No, {user} was not rung: {_never_named(rows)}"


def _told(rows: Rows) -> str:
    first = rows.sent[0]
    left = show_moment(_left_at(first), rows.user.zone)
    words = f"Yes, {rows.user} was told by {first.get_transport_display()} at {left}"
    reports = {attempt.report for row in rows.sent for attempt in row.deliveries.all() if attempt.report}
    if reports == {Report.FAILED}:
        return f"{words}, but the provider says that it did not arrive."
    return f"{words}."


def _nothing_left(rows: Rows) -> str:
    user, first = rows.user, show_moment(rows.rung[0].at, rows.user.zone)
    waiting = [row for row in rows.messages if row.status == MessageStatus.WAITING]
    if waiting:
        due = show_moment(waiting[0].deliver_after, user.zone)
        held = f" {waiting[0].held_reason}" if waiting[0].held_reason else ""
        return f"Not yet: {user} was rung at {first}, and {waiting[0].get_transport_display()} is due at {due}.{held}"
    if rows.messages:
        return f"No: {user} was rung at {first}, but nothing left. {rows.messages[-1].not_sent_reason}"
    return f"No: {user} was rung at {first}, but there is no message of it."


def _never_named(rows: Rows) -> str:
    page = rows.page
    if page.status == PageStatus.HELD:
        return f"maintenance of {page.service} holds the page, and no step has been rung."
    if page.acknowledged_by:
        return f"no step that was rung named them before {page.acknowledged_by} answered."
    if page.stopped_at:
        return f"no step that was rung named them before it was stopped ({page.stop_reason})."
    return "no step that was rung so far named them."


# --- the chain of evidence -------------------------------------------------------------------------------------------
def _evidence(rows: Rows) -> Iterator[Evidence]:
    page = rows.page
    by = f", started by {page.started_by}" if page.started_by else ", started by Muster"
    policy = f" with the policy {page.policy} as it was then" if page.policy else " of people named by hand"
    yield Evidence(page.started_at, "Page", f"A page of {page.group} began{policy}{by}.")
    for hold in rows.holds:
        until = show_moment(hold.until, rows.user.zone)
        yield Evidence(hold.held_at, "Maintenance", f"Maintenance of {page.service} held it until {until}.")
        if hold.released_at:
            yield Evidence(hold.released_at, "Maintenance", "Maintenance held it no more, and it went on.")
    for attempt in rows.attempts:
        yield Evidence(attempt.at, "Step", f"{_place(attempt)}: {rows.user} {_outcome(attempt)}.")
    for attempt in rows.replaced:
        yield Evidence(attempt.at, "Override", f"{_place(attempt)}: {_in_place(attempt)}, {attempt.source}.")
    for message in rows.messages:
        yield from _of_message(message)
    for answer in rows.answers:
        yield Evidence(answer.at, "Answer", _answered(answer, rows.user))
        if answer.lapsed_at:
            yield Evidence(answer.lapsed_at, "Answer", f"{answer.user} fell silent, and the answer lapsed.")
    if page.stopped_at:
        yield Evidence(page.stopped_at, "Page", f"The page was stopped: {page.stop_reason}.")


def _of_message(message: Message) -> Iterator[Evidence]:
    """What a row was to do, and what became of it: at its own moment where that was later."""
    channel = message.get_transport_display() or "No channel"
    words = [f"{channel} was written"] + ([message.rule] if message.rule else [])
    line = f"{', '.join(words)}."
    if message.held_reason:
        line += f" {message.held_reason}"
    ended_later = message.not_sent_at is not None and message.not_sent_at > message.created_at
    if message.not_sent_reason and not ended_later:
        line += f" It was not sent: {message.not_sent_reason}"
    yield Evidence(message.created_at, "Message", line)
    if message.not_sent_at and ended_later:
        yield Evidence(message.not_sent_at, "Message", f"{channel} was not sent: {message.not_sent_reason}")
    carrier = message.bundled_into or message
    for attempt in carrier.deliveries.all():
        yield from _of_delivery(attempt, channel)


def _of_delivery(attempt: Delivery, channel: str) -> Iterator[Evidence]:
    detail = f": {attempt.detail}" if attempt.detail else ""
    words = f"{channel}, attempt {attempt.number}: {attempt.get_outcome_display().lower()}{detail}"
    yield Evidence(attempt.ended_at or attempt.started_at, "Delivery", f"{words}.")
    if attempt.reported_at:
        said = f" ({attempt.report_detail})" if attempt.report_detail else ""
        yield Evidence(
            attempt.reported_at, "Report", f"The provider says: {attempt.get_report_display().lower()}{said}."
        )


def _place(attempt: PageAttempt) -> str:
    again = f", pass {attempt.run + 1}" if attempt.run else ""
    return f"Step {attempt.step + 1}{again}{', from the top again' if attempt.round else ''}"


def _outcome(attempt: PageAttempt) -> str:
    layer = f", layer {attempt.layer}" if attempt.layer else ""
    override = f", by an override {_made_by(attempt)}" if attempt.override else ""
    return f"{attempt.get_outcome_display().lower()}: {attempt.source}{layer}{override}"


def _in_place(attempt: PageAttempt) -> str:
    who = f"{attempt.user} stood in their place" if attempt.user else "they were taken off and nobody stood in"
    return f"{who} by an override {_made_by(attempt)}" if attempt.override else f"{who} by a temporary schedule"


def _made_by(attempt: PageAttempt) -> str:
    override = attempt.override
    if override is None:
        return ""
    return f"of {override.created_by}" + (f" ({override.reason})" if override.reason else "")


def _answered(answer: PageAnswer, user: User) -> str:
    said = "cannot come" if answer.kind == AnswerKind.DECLINED else "is on it"
    if answer.arrives_at and answer.kind == AnswerKind.ACKNOWLEDGED:
        said = f"will be there at {show_moment(answer.arrives_at, user.zone)}"
    return f"{answer.user} {said}, by {answer.get_via_display()}."


def _bundle_left(message: Message) -> bool:
    return message.bundled_into is not None and message.bundled_into.status == MessageStatus.SENT


def _left_at(message: Message) -> datetime:
    carrier = message.bundled_into if _bundle_left(message) else message
    return (carrier and carrier.sent_at) or message.deliver_after
