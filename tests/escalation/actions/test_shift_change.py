"""Whoever's shifts are changed by somebody else is told, once, by what changed for them."""

from datetime import time, timedelta

import pytest

from accounts.actor import MUSTER
from accounts.models import User
from comms.models import Message
from core.errors import InvalidInput
from escalation.actions.business_hours import set_business_hours
from escalation.actions.fixed_layer import set_fixed_layer
from escalation.actions.schedule import (
    add_override,
    cancel_override,
    remove_rotation,
    remove_schedule,
    set_rotation,
    set_schedule,
)
from escalation.actions.swap import ask_for_swap, take_swap
from escalation.actions.temporary_schedule import set_temporary_schedule
from escalation.models import FixedLayer, FixedShift, Override, Schedule, ShiftSwap, TemporarySchedule
from tests.escalation.story import by
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import BusinessHoursFactory, RotationFactory, ScheduleFactory, make_schedule

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def jens() -> User:
    """On call until Monday 20 April."""
    return ReachableUserFactory(handle="jens")


@pytest.fixture
def ana() -> User:
    """The next, and an admin."""
    return ReachableUserFactory(handle="ana", admin=True)


@pytest.fixture
def platform(jens: User, ana: User) -> Schedule:
    """Ana and Jens take weekly turns; Jens is on call at NOW."""
    return make_schedule(ana, jens, name="Platform")


def told() -> dict[str, str]:
    """{@handle: body} of everything that was said, and it is forgotten."""
    rows = {str(message.user): message.body for message in Message.objects.select_related("user")}
    assert len(rows) == Message.objects.count()
    Message.objects.all().delete()
    return rows


def test_an_override_tells_both_but_not_the_one_who_made_it(jens, ana, platform) -> None:
    mira = ReachableUserFactory(handle="mira")
    override = Override(schedule=platform, user=mira, starts_at=NOW, ends_at=NOW + DAY)

    override = add_override(override, by=by(ana), now=NOW)
    assert Message.objects.get(user=jens).subject == "@ana changed your shifts in Platform"
    assert told() == {
        "@jens": "You are no longer on call:\n- Sat 18 Apr 12:23 UTC to Sun 19 Apr 12:23 UTC",
        "@mira": "You are on call:\n- Sat 18 Apr 12:23 UTC to Sun 19 Apr 12:23 UTC",
    }
    cancel_override(override, by=by(mira), now=NOW + DAY / 2)
    assert told() == {"@jens": "You are on call:\n- Sun 19 Apr 00:23 UTC to Sun 19 Apr 12:23 UTC"}


def test_an_edit_that_changes_nobodys_shifts_tells_nobody(jens, ana, platform) -> None:
    platform.description = "Whatever breaks below the line"
    set_schedule(platform, by=by(ana), now=NOW)
    set_rotation(platform.rotations.get(), by=by(ana), now=NOW, turns=[[ana], [jens]])
    far = Override(schedule=platform, user=ana, starts_at=NOW + 40 * DAY, ends_at=NOW + 41 * DAY)
    add_override(far, by=by(jens), now=NOW)

    assert told() == {}


def test_another_hand_off_and_another_zone_are_told(jens, ana, platform) -> None:
    rotation = platform.rotations.get()
    rotation.hands_off_at = time(11)
    set_rotation(rotation, by=by(ana), now=NOW)
    assert told()["@jens"].splitlines()[:2] == [
        "You are on call:",
        "- Mon 20 Apr 07:00 UTC to Mon 20 Apr 09:00 UTC",
    ]
    platform.time_zone = "Europe/London"
    set_schedule(platform, by=MUSTER, now=NOW)
    assert sorted(told()) == ["@ana", "@jens"]


def test_who_joins_and_who_leaves_is_told_and_so_is_the_end_of_it(jens, ana, platform) -> None:
    mira, liv = ReachableUserFactory(handle="mira"), ReachableUserFactory(handle="liv", is_active=False)
    rotation = platform.rotations.get()

    set_rotation(rotation, by=by(ana), now=NOW, turns=[[ana], [jens], [mira], [liv]])
    assert sorted(told()) == ["@jens", "@mira"]
    remove_rotation(rotation, by=by(ana), now=NOW)
    assert sorted(told()) == ["@jens", "@mira"]
    RotationFactory(schedule=platform, people=[jens])
    remove_schedule(platform, by=by(ana), now=NOW)
    assert told()["@jens"].startswith("You are no longer on call:\n- Sat 18 Apr 12:23 UTC to Mon 18 May 12:23 UTC")


def test_a_long_list_is_cut(jens, ana) -> None:
    daily = RotationFactory.build(schedule=ScheduleFactory(), unit="days")

    set_rotation(daily, by=by(ana), now=NOW, turns=[[ana], [jens]])

    rows = told()["@jens"].splitlines()
    assert (len(rows), rows[-1]) == (7, "- and 10 more in the next 30 days")


def test_an_edit_that_is_refused_tells_nobody(jens, ana, platform) -> None:
    with pytest.raises(InvalidInput):
        set_rotation(platform.rotations.get(), by=by(ana), now=NOW, turns=[])

    assert told() == {}


def test_a_swap_tells_the_asker_in_its_own_words_only(jens, ana, platform) -> None:
    swap = ShiftSwap(schedule=platform, starts_at=NOW, ends_at=NOW + DAY)
    swap = ask_for_swap(swap, by=by(jens), now=NOW)
    told()

    take_swap(swap, by=by(ana), now=NOW)

    assert told()["@jens"].startswith("You are not on call then. @ana is, instead of you.")


def test_business_hours_single_shifts_and_temporary_schedules_tell_too(jens, ana, platform) -> None:
    hours = BusinessHoursFactory(workdays=[6])
    platform.rotations.update(hours=hours)  # on Saturdays: Jens today
    hours.workdays = [7]
    set_business_hours(hours, by=MUSTER, now=NOW)
    assert sorted(told()) == ["@ana", "@jens"]

    shifts = [FixedShift(user=jens, starts_at=NOW, ends_at=NOW + DAY / 24)]
    set_fixed_layer(FixedLayer(schedule=platform), by=MUSTER, now=NOW, shifts=shifts)
    assert sorted(told()) == ["@jens"]

    move = TemporarySchedule(schedule=platform, name="Move", starts_at=NOW, ends_at=NOW + DAY / 24)
    set_temporary_schedule(move, by=by(ana), now=NOW, shifts=[])
    assert sorted(told()) == ["@jens"]
