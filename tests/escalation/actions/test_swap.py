"""A shift that somebody would like to give away: asked, reminded of, taken once, taken back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import User
from comms.enums import MessageStatus
from comms.models import EngineTick, Message
from core.errors import InvalidInput, NotAllowed, WrongState
from escalation.actions.schedule import add_override
from escalation.actions.swap import SWEEP, ask_for_swap, cancel_swap, follow_up_swaps, take_swap
from escalation.enums import OverrideKind
from escalation.models import Override, Schedule, ShiftSwap
from escalation.queries.oncall import on_call_now
from escalation.tasks import follow_up_swaps_task
from tests.escalation.story import by
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_schedule

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def jens() -> User:
    """The first in the turn."""
    return ReachableUserFactory(handle="jens")


@pytest.fixture
def ana() -> User:
    """The second: this week is hers, until Monday 20 April, 07:00 UTC."""
    return ReachableUserFactory(handle="ana")


@pytest.fixture
def mira() -> User:
    """The third."""
    return ReachableUserFactory(handle="mira")


@pytest.fixture
def platform(jens: User, ana: User, mira: User) -> Schedule:
    """Jens, Ana and Mira take weekly turns; Ana's next week begins on 4 May."""
    return make_schedule(jens, ana, mira, slug="platform", name="Platform")


def ask(asker: User, schedule: Schedule, **fields: Any) -> ShiftSwap:
    """`asker` asks at NOW for a swap of what is left of this week but its last hour, unless told otherwise."""
    span = {"starts_at": NOW + DAY, "ends_at": NOW + DAY + HOUR, **fields}
    return ask_for_swap(ShiftSwap(schedule=schedule, **span), by=by(asker), now=NOW)


def said(since: Any = NOW) -> list[tuple[str, str]]:
    """(handle, first words of the subject) of every message written from `since` on, in order of the handles."""
    rows = Message.objects.filter(created_at__gte=since).select_related("user").order_by("user__handle", "pk")
    return [(str(row.user), row.subject.split(":")[0]) for row in rows]


def test_asking_tells_everybody_else_of_the_schedule_and_whom_it_is_offered_to(ana, platform) -> None:
    liv, stranger = ReachableUserFactory(handle="liv"), ReachableUserFactory(handle="stranger")

    swap = ask(ana, platform, offered_to=liv, note="A wedding")

    assert said() == [(f"@{name}", "@ana asks for a swap") for name in ("jens", "liv", "mira")]
    told = Message.objects.get(user=liv)
    assert told.subject == "@ana asks for a swap: Platform: Sun 19 Apr 12:23 UTC to Sun 19 Apr 13:23 UTC"
    assert "@ana asks you by name" in told.body
    assert "A wedding" in told.body
    assert told.link.endswith(f"/swaps/{swap.ref}/")
    assert on_call_now(platform, swap.starts_at) == [ana]
    assert not Message.objects.filter(user=stranger).exists()


def test_a_span_is_ones_own_and_not_over(jens, ana, platform) -> None:

    for wrong, sentence in (
        ({"starts_at": NOW - 2 * HOUR, "ends_at": NOW - HOUR}, "This shift is over"),
        ({"starts_at": NOW + HOUR, "ends_at": NOW + HOUR}, "ends after it starts"),
        ({"starts_at": NOW + DAY, "ends_at": NOW + 3 * DAY}, "not on call in Platform for all of this span"),
        ({"offered_to": ana}, "cannot take it from you"),
        ({"offered_to": UserFactory(is_active=False)}, "cannot take it from you"),
        ({"offered_to": UserFactory(viewer=True)}, "cannot take it from you"),
    ):
        with pytest.raises(InvalidInput, match=sentence):
            ask(ana, platform, **wrong)
    with pytest.raises(InvalidInput, match="not on call"):
        ask(jens, platform)
    ask(ana, platform)
    with pytest.raises(InvalidInput, match="some of this span already"):
        ask(ana, platform, starts_at=NOW, ends_at=NOW + 2 * DAY - 6 * HOUR)

    assert ShiftSwap.objects.count() == 1


def test_what_has_passed_of_a_shift_is_cut_off(ana, platform) -> None:
    swap = ask(ana, platform, starts_at=NOW - DAY, ends_at=NOW + HOUR)

    assert (swap.starts_at, swap.wake_at) == (NOW, None)


def test_whoever_takes_it_is_on_call_instead_and_the_asker_is_told(ana, mira, platform) -> None:
    swap = ask(ana, platform, note="A wedding")

    swap = take_swap(swap, by=by(mira), now=NOW + HOUR)

    assert on_call_now(platform, swap.starts_at) == [mira]
    assert on_call_now(platform, swap.ends_at) == [ana]
    override = Override.objects.get()
    assert (override.kind, override.user, override.replaced) == (OverrideKind.REPLACE, mira, ana)
    assert (swap.override, swap.taken_by, swap.taken_at, swap.wake_at) == (override, mira, NOW + HOUR, None)
    assert override.reason == "Swap: A wedding"
    assert said(NOW + HOUR) == [("@ana", "@mira takes your shift")]
    waiting = Message.objects.filter(created_at=NOW)
    assert {(row.status, row.not_sent_reason) for row in waiting} == {
        (MessageStatus.NOT_SENT, "@mira has taken the shift.")
    }


def test_a_swap_that_has_begun_is_taken_from_now_on(jens, ana, platform) -> None:
    swap = take_swap(ask(ana, platform), by=by(jens), now=NOW + DAY + HOUR / 2)

    assert swap.override is not None
    assert (swap.override.starts_at, swap.override.ends_at) == (NOW + DAY + HOUR / 2, NOW + DAY + HOUR)


def test_it_is_taken_once_and_by_nobody_who_cannot(jens, ana, mira, platform) -> None:
    swap, over = ask(ana, platform), ask(ana, platform, starts_at=NOW, ends_at=NOW + HOUR)
    with pytest.raises(NotAllowed, match="your own shift"):
        take_swap(swap, by=by(ana), now=NOW)
    with pytest.raises(NotAllowed, match="Only a responder"):
        take_swap(swap, by=by(UserFactory(viewer=True)), now=NOW)
    with pytest.raises(WrongState, match="is over"):
        take_swap(over, by=by(mira), now=NOW + HOUR)
    take_swap(swap, by=by(mira), now=NOW)
    with pytest.raises(WrongState, match="@mira has taken this shift already"):
        take_swap(swap, by=by(jens), now=NOW)
    with pytest.raises(WrongState, match="@mira has taken"):
        cancel_swap(swap, by=by(ana), now=NOW)

    assert [override.user for override in Override.objects.all()] == [mira]


def test_who_is_on_call_there_then_cannot_take_it(jens, ana, platform) -> None:
    swap = ask(ana, platform)
    span = {"starts_at": swap.starts_at + HOUR / 2, "ends_at": swap.ends_at + HOUR}
    add_override(Override(schedule=platform, kind=OverrideKind.ADD, user=jens, **span), by=by(ana), now=NOW)

    with pytest.raises(WrongState, match="already on call in Platform from Sun 19 Apr 12:53 UTC"):
        take_swap(swap, by=by(jens), now=NOW)


def test_shifts_that_changed_meanwhile_are_not_given_away(jens, ana, mira, platform) -> None:
    swap = ask(ana, platform)
    cover = Override(schedule=platform, user=jens, starts_at=swap.starts_at, ends_at=swap.ends_at)
    add_override(cover, by=by(jens), now=NOW)

    with pytest.raises(WrongState, match="The shifts have changed"):
        take_swap(swap, by=by(mira), now=NOW)
    ShiftSwap.objects.update(wake_at=NOW + HOUR)
    assert follow_up_swaps(now=NOW + HOUR) == 1

    swap.refresh_from_db()
    assert (swap.cancelled_at, swap.cancelled_by, swap.wake_at) == (NOW + HOUR, None, None)


def test_it_is_taken_back_by_the_asker_or_an_admin(ana, mira, platform) -> None:
    swap = ask(ana, platform)
    with pytest.raises(NotAllowed, match="Only @ana or an admin"):
        cancel_swap(swap, by=by(mira), now=NOW)

    cancel_swap(swap, by=by(ana), now=NOW + HOUR)

    with pytest.raises(WrongState, match="no longer asks"):
        take_swap(swap, by=by(mira), now=NOW + HOUR)
    assert {row.status for row in Message.objects.all()} == {MessageStatus.NOT_SENT}
    again = ask(ana, platform)
    assert cancel_swap(again, by=by(UserFactory(admin=True)), now=NOW).wake_at is None


def test_reminders_come_daily_then_24_4_and_1_hours_before_and_tell_the_asker(ana, platform) -> None:
    """A shift that begins in three and a half days: two daily reminders, and the three last ones."""
    start = NOW + 16 * DAY  # ana's next week began on 4 May, 07:00 UTC
    asked_at = start - timedelta(days=3, hours=12)
    swap = ShiftSwap(schedule=platform, starts_at=start, ends_at=start + HOUR)
    swap = ask_for_swap(swap, by=by(ana), now=asked_at)

    reminded = []
    moment = swap.wake_at
    while moment is not None:
        assert follow_up_swaps(now=moment) == 1
        assert follow_up_swaps(now=moment) == 0
        reminded.append((start - moment, [name for name, _ in said(moment)]))
        swap.refresh_from_db()
        moment = swap.wake_at

    others = ["@jens", "@mira"]
    assert reminded == [
        (timedelta(days=2, hours=12), others),
        (timedelta(days=1, hours=12), others),
        (24 * HOUR, ["@ana", *others]),
        (4 * HOUR, ["@ana", *others]),
        (HOUR, ["@ana", *others]),
    ]
    last = Message.objects.filter(user=ana).order_by("-created_at")[0]
    assert last.subject.startswith("Nobody has taken your shift: Platform: Mon 4 May")
    assert "you are still on call" in last.body


def test_an_engine_that_stood_still_reminds_once_and_not_of_what_has_begun(ana, platform) -> None:
    ask(ana, platform, starts_at=NOW + DAY, ends_at=NOW + DAY + HOUR)

    assert follow_up_swaps(now=NOW + DAY - HOUR / 2) == 1  # it slept over 4 h and 1 h before
    assert [name for name, words in said(NOW + HOUR)] == ["@ana", "@jens", "@mira"]
    ask(ana, platform, starts_at=NOW + DAY - HOUR, ends_at=NOW + DAY)
    assert follow_up_swaps(now=NOW + DAY - HOUR / 4) == 1

    assert said(NOW + DAY - HOUR / 4) == []
    assert [swap.wake_at for swap in ShiftSwap.objects.all()] == [None, None]


def test_one_that_cannot_be_reminded_of_holds_up_no_other(ana, platform, monkeypatch, caplog) -> None:
    broken, fine = ask(ana, platform), ask(ana, platform, starts_at=NOW + 20 * HOUR, ends_at=NOW + 21 * HOUR)
    ShiftSwap.objects.update(wake_at=NOW + HOUR)
    true_name = ShiftSwap.next_follow_up

    def fails(swap: ShiftSwap, now: Any) -> Any:
        if swap == broken:
            raise RuntimeError("it broke")
        return true_name(swap, now)

    monkeypatch.setattr(ShiftSwap, "next_follow_up", fails)
    assert follow_up_swaps(now=NOW + HOUR) == 1

    broken.refresh_from_db()
    fine.refresh_from_db()
    assert broken.wake_at == NOW + HOUR + timedelta(minutes=1)
    assert fine.wake_at == fine.starts_at - 4 * HOUR
    assert "could not be followed up" in caplog.text


def test_a_take_that_breaks_halfway_leaves_nothing(ana, mira, platform, monkeypatch) -> None:
    swap = ask(ana, platform)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the second write broke")

    monkeypatch.setattr(ShiftSwap, "save", fails)
    with pytest.raises(RuntimeError):
        take_swap(swap, by=by(mira), now=NOW)

    assert not Override.objects.exists()
    assert ShiftSwap.objects.open().count() == 1


def test_the_task_follows_up_what_is_due_now(ana, platform) -> None:
    ask(ana, platform)

    with time_machine.travel(NOW + 20 * HOUR, tick=False):
        assert follow_up_swaps_task() == 1
    assert EngineTick.objects.get(sweep=SWEEP).ticked_at == NOW + 20 * HOUR
