"""Pages as people look at them: who is rung, what left and when, who answered, who comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, Exists, OuterRef, TextField, Value, When
from django.db.models.functions import JSONObject

from accounts.models import User
from comms.enums import DeliveryOutcome, MessageKind, MessageStatus, Report
from comms.models import Delivery, Message
from comms.models.address import shown_address
from core.prepared import Given, Prepared, among, among_keys
from escalation.enums import AnswerKind, AttemptOutcome, PageStatus, TargetKind
from escalation.models import Page, PageAnswer, PageAttempt, Schedule
from escalation.plan import PolicySnapshot, next_step
from escalation.queries.answer import standing
from escalation.queries.reach import People, people_of
from escalation.queries.state import state_from
from escalation.states import LOOKS_FOR_SOMEBODY

LISTED = 50
# What became of each attempt at a message, the oldest first, in the query of the message itself.
TRIES = ArraySubquery(
    Delivery.objects.filter(message=OuterRef("pk"))
    .order_by("number")
    .values(
        tried=JSONObject(outcome="outcome", report="report", report_detail="report_detail", reported_at="reported_at")
    )
)
REPORTED: dict[str, str] = {Report.ARRIVED: "arrived", Report.FAILED: "did not arrive"}


@dataclass(frozen=True)
class Way:
    """One message of one attempt: the channel, what became of it and when."""

    message: Message
    channel: str
    at: datetime | None
    words: str
    report: str = ""

    @property
    def address(self) -> str:
        """Where it went, as far as everybody may see."""
        return shown_address(self.message.transport, self.message.address)

    @property
    def failed(self) -> bool:
        """Whether there was no way, every attempt failed, or it did not arrive; taken back in time is no failure."""
        if self.report == Report.FAILED:
            return True
        tried = bool(self.message.attempts) or not self.message.transport
        return self.message.status == MessageStatus.NOT_SENT and tried


@dataclass(frozen=True)
class AttemptLine:
    """One target of one step, with the messages that went out for it and the person's answer."""

    attempt: PageAttempt
    ways: list[Way]
    answer: PageAnswer | None

    @property
    def is_rung(self) -> bool:
        """Whether somebody was rung here."""
        return self.attempt.outcome == AttemptOutcome.RUNG


@dataclass(frozen=True)
class PageLine:
    """One page as the room, “my pages” and the page's own address show it.

    `next_people` are rung at `next_at` unless somebody answers; nobody and None when nothing comes any more.
    `next_key` is what a “ring next” button sends as `expected`, so that two presses ring one step.
    """

    page: Page
    attempts: list[AttemptLine]
    answers: list[PageAnswer]
    next_people: list[User]
    next_at: datetime | None

    @property
    def group(self) -> str:
        """Who is rung, in words."""
        return self.page.group

    @property
    def is_open(self) -> bool:
        """Whether it still looks for somebody."""
        return self.page.status in LOOKS_FOR_SOMEBODY

    @property
    def is_held(self) -> bool:
        """Whether maintenance holds it: `next_people` are rung when that is over."""
        return self.page.status == PageStatus.HELD

    @property
    def next_key(self) -> str:
        """Which step comes next."""
        return f"{self.page.round}-{self.page.run}-{self.page.step}"

    @property
    def rung(self) -> list[AttemptLine]:
        """Only the attempts that rang somebody."""
        return [line for line in self.attempts if line.is_rung]

    @property
    def unanswered(self) -> list[AttemptLine]:
        """The people who were rung and have said nothing, each once, with their newest attempt."""
        silent = {line.attempt.user_id: line for line in self.rung if line.attempt.user_id and not line.answer}
        return list(silent.values())

    @property
    def standing(self) -> list[PageAnswer]:
        """Who has it or is on the way: acknowledgements that nobody took back."""
        return standing(self.answers)

    def answer_of(self, user: User) -> PageAnswer | None:
        """What this person answered last, as far as it still counts."""
        mine = (answer for answer in reversed(self.answers) if answer.user_id == user.pk and not answer.lapsed_at)
        return next(mine, None)

    @property
    def waits_for(self) -> str:
        """What its next step waits for, in words; nothing when it waits for its time alone."""
        place = (self.page.round, self.page.run, self.page.step)
        rows = (line.attempt for line in reversed(self.attempts) if line.attempt.outcome == AttemptOutcome.WAITS)
        return next((row.source for row in rows if (row.round, row.run, row.step) == place), "")

    @property
    def is_watched(self) -> bool:
        """Whether it was answered, and rings anew when whoever has it falls silent."""
        return self.page.status == PageStatus.ACKNOWLEDGED and self.page.wake_at is not None


def page_lines(subject_key: str, now: datetime) -> list[PageLine]:
    """All pages of one subject, also those that were answered or stopped, in 10 queries at most."""
    return _lines(ABOUT.rows(subject=subject_key), now)


def my_pages(user: User, now: datetime) -> list[PageLine]:
    """What has rung `user`, the ringing ones first, then the newest; as many queries."""
    ringing = Case(When(status__in=[PageStatus.RINGING, PageStatus.EXHAUSTED], then=Value(0)), default=Value(1))
    pages = Page.objects.visible_to(user).filter(Exists(_reaching(user))).annotate(quiet=ringing)
    return _lines(_named(pages.order_by("quiet", "-started_at", "-pk"))[:LISTED], now)


def line_of(page: Page, now: datetime) -> PageLine:
    """One page, whatever became of it."""
    return _lines(_named(Page.objects.filter(pk=page.pk)), now)[0]


def people_rung(subject_key: str) -> list[User]:
    """Everybody whom a page about `subject_key` has rung, by handle. One query."""
    rung = PageAttempt.objects.filter(page__subject_key=subject_key, outcome=AttemptOutcome.RUNG)
    return list(User.objects.filter(pk__in=rung.values("user")).order_by("handle"))


def people_answered(subject_key: str) -> list[User]:
    """Everybody who answered a page about `subject_key` that they have it, rung or not, by handle. One query."""
    answers = PageAnswer.objects.filter(page__subject_key=subject_key, kind=AnswerKind.ACKNOWLEDGED)
    return list(User.objects.filter(pk__in=answers.values("user")).order_by("handle"))


def _reaching(user: User) -> Any:
    return PageAttempt.objects.filter(page=OuterRef("pk"), user=user, outcome=AttemptOutcome.RUNG)


def _named(pages: Any) -> Any:
    """With the service and who answered."""
    return pages.select_related("service", "acknowledged_by")


ABOUT = Prepared(lambda: _named(Page.objects.about(Given("subject", CharField(max_length=80)))))


def _lines(pages: Iterable[Page], now: datetime) -> list[PageLine]:
    rows = list(pages)
    if not rows:
        return []
    keys = [page.pk for page in rows]
    attempts, answers = ATTEMPTS.rows(pages=keys), ANSWERS.rows(pages=keys)
    ways = _ways(rows)
    going_on = [page for page in rows if _goes_on(page)]
    snapshots = [PolicySnapshot.from_json(page.snapshot) for page in going_on]
    at = max([now, *[page.wake_at for page in going_on if page.wake_at]])
    people = people_of(snapshots, [page.roles for page in going_on], now, at)
    tried, answered = _by_page(rows, attempts), _by_page(rows, answers)
    return [_line(page, tried[page.pk], answered[page.pk], ways, people) for page in rows]


ATTEMPTS = Prepared(
    lambda: PageAttempt.objects.filter(among_keys("page", "pages")).select_related("user").order_by("at", "pk")
)
ANSWERS = Prepared(
    lambda: PageAnswer.objects.filter(among_keys("page", "pages")).select_related("user").order_by("at", "pk")
)
OfPage = TypeVar("OfPage", PageAttempt, PageAnswer)


def _by_page(pages: Sequence[Page], rows: Iterable[OfPage]) -> dict[int, list[OfPage]]:
    """The rows of each page, which they know."""
    found: dict[int, list[OfPage]] = {page.pk: [] for page in pages}
    known = {page.pk: page for page in pages}
    for row in rows:
        row.page = known[row.page_id]
        found[row.page_id].append(row)
    return found


def _line(
    page: Page,
    attempts: Sequence[PageAttempt],
    answers: list[PageAnswer],
    ways: dict[str, list[Way]],
    people: People,
) -> PageLine:
    last = {answer.user_id: answer for answer in answers if answer.lapsed_at is None}
    lines = []
    for attempt in attempts:
        key = page.ring_key(attempt.round, attempt.run, attempt.step, attempt.user_id)
        told = ways.get(key, []) if attempt.outcome == AttemptOutcome.RUNG else []
        lines.append(AttemptLine(attempt, told, last.get(attempt.user_id) if attempt.user_id else None))
    upcoming = []
    if _goes_on(page) and page.wake_at is not None:
        decision = next_step(state_from(page, attempts, answers, people, due=True), page.wake_at)
        upcoming = [people.users[hit.person] for hit in decision.hits if hit.person and _rings(hit.outcome)]
    return PageLine(page, lines, answers, upcoming, page.wake_at if upcoming else None)


def _goes_on(page: Page) -> bool:
    """Whether a step comes next; what an answered page still waits for is no step."""
    return page.wake_at is not None and page.status in LOOKS_FOR_SOMEBODY


def _rings(outcome: AttemptOutcome) -> bool:
    return outcome == AttemptOutcome.RUNG


def _ways(pages: Iterable[Page]) -> dict[str, list[Way]]:
    """The messages of these pages by the key of their attempt, in one query."""
    refs = {page.ref for page in pages}
    ways: dict[str, list[Way]] = {}
    for message in MESSAGES.rows(subjects=sorted({page.subject_key for page in pages})):
        key = message.dedup_key.partition("#")[0]
        if key.split(":")[1] in refs:
            ways.setdefault(key, []).append(_way(message))
    return ways


MESSAGES = Prepared(
    lambda: (
        Message.objects.filter(among("subject_key", "subjects", TextField()), kind=MessageKind.PAGE)
        .annotate(tries=TRIES)
        .order_by("deliver_after", "pk")
    )
)


def _way(message: Any) -> Way:
    """What became of one message that is annotated with its `tries`."""
    channel = message.get_transport_display() or "no channel"
    tries: list[dict[str, Any]] = message.tries
    if message.status == MessageStatus.SENT:
        said = next((attempt for attempt in reversed(tries) if attempt["report"] in REPORTED), None)
        if said is None:
            return Way(message, channel, message.sent_at, "handed over")
        detail = f": {said['report_detail']}" if said["report"] == Report.FAILED else ""
        at = datetime.fromisoformat(said["reported_at"])
        return Way(message, channel, at, f"{REPORTED[said['report']]}{detail}", said["report"])
    if message.status == MessageStatus.NOT_SENT:
        return Way(message, channel, None, f"not sent: {message.not_sent_reason}")
    if tries and tries[-1]["outcome"] in {DeliveryOutcome.FAILED, DeliveryOutcome.LOST}:
        return Way(message, channel, message.deliver_after, f"failed {len(tries)} times, tried again")
    return Way(message, channel, message.deliver_after, message.held_reason.lower() or "due")


def ringing_for_schedule(schedule: Schedule) -> list[Page]:
    """Pages that ring now and have a step that rings who is on call in `schedule`; no private one. One query."""
    aims = {"steps": [{"targets": [{"kind": TargetKind.ON_CALL.value, "key": schedule.pk}]}]}
    pages = Page.objects.ringing().filter(audience__isnull=True, snapshot__contains=aims)
    return list(pages.order_by("level_rank", "started_at", "pk"))
