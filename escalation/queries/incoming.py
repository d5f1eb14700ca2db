"""Whom words from outside can mean: the person behind a number or an address, and the pages that ring them."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, TextField

from accounts.models import User
from comms.enums import PHONES, Transport
from comms.models import ContactPoint
from comms.queries.discreet import is_discreet
from core.prepared import Given, Prepared, among
from escalation.enums import AttemptOutcome, IncomingOutcome
from escalation.intake.reply import PHRASES
from escalation.models import IncomingAnswer, Page, PageAnswer, PageAttempt
from escalation.models.page import CODE, CODE_SIZE

LETTERS = "abcdefghjkmnpqrstuvwxyz"  # no i, l, o, 0, 1: a ref is read aloud and typed from paper
UNAMBIGUOUS = LETTERS + "23456789"
REF_SIZE = 8
DRAWS = 8
YOUNG = Prepared(
    lambda: (
        Page.objects.alias(begins=CODE)
        .filter(among("begins", "codes", TextField()), started_at__gt=Given("since", DateTimeField()))
        .only("ref")
    )
)
# Nobody types so many by mistake, and of 24,000 codes they find none.
WRONG_CODES, WITHIN, SHUT_FOR = 10, timedelta(hours=1), timedelta(hours=1)
DICE = secrets.SystemRandom()


def free_refs(since: datetime, count: int) -> list[str]:
    """`count` refs for new pages, whose codes differ and no page has that began after `since`. One query.

    Each begins with a letter and is no word that people answer with, so that a code is never taken for an arrival.
    """
    drawn = list({ref[:CODE_SIZE]: ref for ref in reversed([_draw() for _ in range(DRAWS * count)])}.values())[::-1]
    taken = {page.ref[:CODE_SIZE] for page in YOUNG.rows(codes=[ref[:CODE_SIZE] for ref in drawn], since=since)}
    free = [ref for ref in drawn if ref[:CODE_SIZE] not in taken | PHRASES.keys()]
    return [*free, *(ref for ref in drawn if ref not in free)][:count]


def people_behind(sender: str, *, is_number: bool) -> list[User]:
    """The active people who are reached at `sender`; those who have proved it, if any have."""
    found = list(_points_at(sender, is_number=is_number).select_related("user").order_by("pk"))
    proved = [point for point in found if point.verified_at is not None]
    return list({point.user_id: point.user for point in proved or found}.values())


def is_proved(sender: str, *, is_number: bool) -> bool:
    """Whether somebody has proved that `sender` is theirs, so that people_behind are those who did."""
    return _points_at(sender, is_number=is_number).filter(verified_at__isnull=False).exists()


def shut_until(sender: str, now: datetime) -> datetime | None:
    """Until when `sender` is not heard: for an hour after ten wrong codes within one. None when it is. One query."""
    rows = IncomingAnswer.objects.filter(sender=sender, outcome=IncomingOutcome.WRONG_CODE)
    moments = list(rows.filter(at__gt=now - WITHIN - SHUT_FOR).order_by("at").values_list("at", flat=True))
    tenths = zip(moments, moments[WRONG_CODES - 1 :], strict=False)
    ends = [last + SHUT_FOR for first, last in tenths if last - first < WITHIN]
    return max((end for end in ends if end > now), default=None)


def is_reached_at(user: User, transport: Transport, address: str) -> bool:
    """Whether this person is reached at `address`, by a contact point that is switched on."""
    points = ContactPoint.objects.filter(user=user, transport=transport, address=address, is_enabled=True)
    return user.is_active and points.exists()


def pages_ringing(people: Sequence[User]) -> list[tuple[Page, User]]:
    """What rings these people and has no answer of theirs yet, the oldest first."""
    pairs = []
    for user in people:
        answered = PageAnswer.objects.filter(page=OuterRef("pk"), user=user, lapsed_at__isnull=True)
        pages = Page.objects.ringing().filter(_rang(user), ~Exists(answered), stopped_at__isnull=True)
        pairs += [(page, user) for page in pages.order_by("started_at", "pk")]
    return pairs


def pages_answered(people: Sequence[User], since: datetime) -> list[tuple[Page, User]]:
    """What these people have answered, began after `since` and is not over, the oldest first."""
    pairs = []
    for user in people:
        answered = PageAnswer.objects.filter(page=OuterRef("pk"), user=user)
        pages = Page.objects.filter(_rang(user), Exists(answered), stopped_at__isnull=True, started_at__gt=since)
        pairs += [(page, user) for page in pages.order_by("started_at", "pk")]
    return pairs


def pages_with_code(people: Sequence[User], code: str, since: datetime) -> list[tuple[Page, User]]:
    """What rang these people, began after `since` and has `code`, whatever became of it."""
    pairs = []
    for user in people:
        pages = Page.objects.filter(_rang(user), ref__startswith=code.lower(), started_at__gt=since)
        pairs += [(page, user) for page in pages.order_by("started_at", "pk")]
    return pairs


def name_of(page: Page) -> str:
    """Its subject as it may be texted or said; of what is discreet no more than its level. One query."""
    discreet = is_discreet(page.subject_key)
    return f"[{page.level_name}] something private" if discreet else page.subject


def _points_at(sender: str, *, is_number: bool) -> QuerySet[ContactPoint]:
    points = ContactPoint.objects.filter(is_enabled=True, user__is_active=True)
    if is_number:
        return points.filter(transport__in=PHONES, address=sender)
    return points.filter(transport=Transport.EMAIL, address__iexact=sender)


def subjects_that_rang(user: User, since: datetime) -> list[str]:
    """What a reply to `user` may list, by subject key: its pages rang them and go on, or began after `since`."""
    pages = Page.objects.filter(_rang(user), Q(stopped_at__isnull=True) | Q(started_at__gt=since))
    keys = pages.exclude(subject_key="").order_by("subject_key").values_list("subject_key", flat=True)
    return list(keys.distinct())


def _rang(user: User) -> Exists:
    return Exists(PageAttempt.objects.filter(page=OuterRef("pk"), user=user, outcome=AttemptOutcome.RUNG))


def _draw() -> str:
    return secrets.choice(LETTERS) + "".join(DICE.choices(UNAMBIGUOUS, k=REF_SIZE - 1))
