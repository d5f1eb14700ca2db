"""Who may answer a page, and who may move it on: `check_can_x` raises in the action, `can_x` greys the button."""

from collections.abc import Callable
from typing import Any

from accounts.actor import Actor
from accounts.enums import TokenScope
from core.errors import NotAllowed
from escalation.enums import AttemptOutcome, PageStatus
from escalation.models import CalendarFeed, Page, ShiftSwap


def check_can_acknowledge(page: Page, by: Actor) -> None:
    """Raise NotAllowed unless `by` is a person whom the page has rung, or a responder who may see it."""
    if by.user is None:
        raise NotAllowed("A page is answered by a person.")
    _check_reads_more_than(by)
    if not (reaches(page, by) or (by.may_respond and may_see(page, by))):
        raise NotAllowed("This page has not rung you, and only a responder may take somebody else's.")


def check_can_decline(page: Page, by: Actor) -> None:
    """Raise NotAllowed unless the page has rung `by`."""
    if by.user is None:
        raise NotAllowed("A page is answered by a person.")
    _check_reads_more_than(by)
    if not reaches(page, by):
        raise NotAllowed("This page has not rung you, so there is nothing to turn down.")


def check_can_ring_next(page: Page, by: Actor) -> None:
    """Raise NotAllowed unless `by` is Muster or a responder who may see the page."""
    if not by.is_muster and not (by.may_respond and may_see(page, by)):
        raise NotAllowed("Only a responder may ring the next person.")


def check_can_configure(by: Actor) -> None:
    """Raise NotAllowed unless `by` may change schedules, policies and services."""
    if not by.may_configure:
        raise NotAllowed("Only an admin may change schedules, policies and services.")


def check_can_maintain(by: Actor) -> None:
    """Raise NotAllowed unless `by` may begin and end maintenance."""
    if not can_maintain(by):
        raise NotAllowed("Only a responder may begin or end maintenance.")


def can_maintain(by: Actor) -> bool:
    """Whether `by` may begin and end maintenance: a responder."""
    return by.may_respond


def check_can_override(by: Actor) -> None:
    """Raise NotAllowed unless `by` may say who is on call for a span."""
    if not can_override(by):
        raise NotAllowed("Only a responder may make or cancel an override.")


def can_override(by: Actor) -> bool:
    """Whether `by` may say who is on call for a span: a responder."""
    return by.may_respond


def check_can_make_feed(by: Actor) -> None:
    """Raise NotAllowed unless `by` is a person who speaks for themselves: everybody may read every schedule."""
    if by.user is None:
        raise NotAllowed("A calendar feed belongs to a person.")
    _check_reads_more_than(by)


def check_can_change_feed(feed: CalendarFeed, by: Actor) -> None:
    """Raise NotAllowed unless the feed is `by`'s own, or they are an admin."""
    _check_reads_more_than(by)
    if not by.may_configure and (by.user is None or by.user.pk != feed.user_id):
        raise NotAllowed(f"Only {feed.user} or an admin may change this feed.")


def check_can_ask_for_swap(by: Actor) -> None:
    """Raise NotAllowed unless `by` is a person who speaks for themselves."""
    if by.user is None:
        raise NotAllowed("A swap is asked for by a person.")
    _check_reads_more_than(by)


def check_can_take_swap(swap: ShiftSwap, by: Actor) -> None:
    """Raise NotAllowed unless `by` is a responder other than the asker."""
    if by.user is None or not by.may_respond:
        raise NotAllowed("Only a responder may take a shift.")
    if by.user.pk == swap.asked_by_id:
        raise NotAllowed("This is your own shift: somebody else has to take it.")


def check_can_cancel_swap(swap: ShiftSwap, by: Actor) -> None:
    """Raise NotAllowed unless `by` asked for the swap, or is an admin."""
    _check_reads_more_than(by)
    if not by.may_configure and (by.user is None or by.user.pk != swap.asked_by_id):
        raise NotAllowed(f"Only {swap.asked_by} or an admin may take this back.")


def check_can_read_plan_b(by: Actor) -> None:
    """Raise NotAllowed unless `by` may have everybody's number by mail."""
    if not by.may_respond:
        raise NotAllowed("Only a responder gets plan B by mail.")


def can_read_plan_b(by: Actor) -> bool:
    """Whether `by` may have the sheet by mail; everybody who is signed in may look at it."""
    return by.may_respond


def can_take_swap(swap: ShiftSwap, by: Actor) -> bool:
    """Whether `by` may take it; whether they can then, the action says."""
    return _allows(check_can_take_swap, swap, by)


def can_cancel_swap(swap: ShiftSwap, by: Actor) -> bool:
    """Whether `by` may take it back."""
    return _allows(check_can_cancel_swap, swap, by)


def can_acknowledge(page: Page, by: Actor) -> bool:
    """Whether `by` may acknowledge it, and its subject is not over."""
    return page.stopped_at is None and _allows(check_can_acknowledge, page, by)


def can_decline(page: Page, by: Actor) -> bool:
    """Whether `by` may turn it down."""
    return page.stopped_at is None and _allows(check_can_decline, page, by)


def can_ring_next(page: Page, by: Actor) -> bool:
    """Whether `by` may ring the next person now; while maintenance holds the page nobody is next."""
    return page.stopped_at is None and page.status != PageStatus.HELD and _allows(check_can_ring_next, page, by)


def reaches(page: Page, by: Actor) -> bool:
    """Whether the page has rung this person; free of queries where the attempts are prefetched."""
    return any(
        attempt.user_id == (by.user and by.user.pk) and attempt.outcome == AttemptOutcome.RUNG
        for attempt in page.attempts.all()
    )


def may_see(page: Page, by: Actor) -> bool:
    """Whether this person may know of the page."""
    return by.user is not None and Page.objects.visible_to(by.user).filter(pk=page.pk).exists()


def _check_reads_more_than(by: Actor) -> None:
    if by.scope == TokenScope.READ:
        raise NotAllowed("This token may only read.")


def _allows(check: Callable[[Any, Actor], None], noun: Page | ShiftSwap, by: Actor) -> bool:
    try:
        check(noun, by)
    except NotAllowed:
        return False
    return True
