"""Steps that are rung only at some levels, in or outside business hours, or once it came up often enough."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from escalation.actions.page import acknowledge_page, advance_due_pages, decline_page, note_recurrence, ring_next_now
from escalation.enums import HoursRule, PageStatus, UnmetRule
from escalation.models import Page, PageRecurrence, Policy
from escalation.queries.page import page_lines
from tests.escalation.story import MINUTE, by, outcomes, rung, start
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import BusinessHoursFactory, PolicyFactory, PolicyStepFactory, StepTargetFactory

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2026, 4, 17, 18, 0, tzinfo=BERLIN)


def policy_of(*steps: tuple[Any, dict[str, Any]], **fields: Any) -> Policy:
    """A policy whose steps ring one person each, under these conditions."""
    policy = PolicyFactory(**fields)
    for position, (user, condition) in enumerate(steps):
        StepTargetFactory(step=PolicyStepFactory(policy=policy, position=position, **condition), user=user)
    return policy


@pytest.mark.parametrize(
    ("condition", "rings_at", "words"),
    [
        ({"mildest_rank": 1}, [0, 1], "only at levels of rank 1 or worse"),
        ({"worst_rank": 2}, [2, 3], "only at levels of rank 2 or milder"),
        ({"worst_rank": 1, "mildest_rank": 2}, [1, 2], "only at levels of rank 1 to 2"),
        ({"worst_rank": 0, "mildest_rank": 0}, [0], "only at levels of rank 0"),
        ({"mildest_rank": 1, "if_not_met": UnmetRule.WAIT}, [0, 1], "only at levels of rank 1 or worse"),
    ],
)
def test_a_step_for_other_levels_is_gone_over_at_once_and_the_row_says_why(
    condition: dict[str, Any], rings_at: list[int], words: str
) -> None:
    lead, ana = ReachableUserFactory(), ReachableUserFactory()
    policy = policy_of((lead, condition), (ana, {}))

    for rank in range(4):
        page = start(policy=policy, level_rank=rank)
        if rank in rings_at:
            assert outcomes(page) == [("rung", "named in the step")]
        else:
            assert outcomes(page) == [("not_met", words), ("rung", "named in the step")]
            assert rung(page) == [(0, ana)]


def test_a_step_for_business_hours_is_gone_over_at_night_and_another_is_rung_only_then() -> None:
    desk, night, ana = (ReachableUserFactory() for _ in range(3))
    hours = BusinessHoursFactory(name="Office hours")
    inside, outside = {"hours": hours}, {"hours": hours, "hours_rule": HoursRule.OUTSIDE}
    policy = policy_of((desk, inside), (night, outside), (ana, {}))
    open_at, closed_at = FRIDAY.replace(hour=10), FRIDAY.replace(hour=3)

    by_day, by_night = start(policy=policy, now=open_at), start(policy=policy, now=closed_at)
    advance_due_pages(now=open_at + 5 * MINUTE)

    assert outcomes(by_day) == [
        ("rung", "named in the step"),
        ("not_met", "only outside Office hours"),
        ("rung", "named in the step"),
    ]
    assert outcomes(by_night)[:2] == [("not_met", "only inside Office hours"), ("rung", "named in the step")]


def test_a_step_that_waits_for_business_hours_is_rung_when_they_begin() -> None:
    desk = ReachableUserFactory()
    hours = BusinessHoursFactory(name="Office hours")
    policy = policy_of((desk, {"hours": hours, "if_not_met": UnmetRule.WAIT}))

    page = start(policy=policy, now=FRIDAY)
    monday = datetime(2026, 4, 20, 9, 0, tzinfo=BERLIN)

    assert (page.status, page.wake_at, rung(page)) == (PageStatus.RINGING, monday, [])
    assert outcomes(page) == [("waits", "only inside Office hours")]
    (line,) = page_lines(page.subject_key, FRIDAY)
    assert (line.waits_for, line.next_people, line.next_at) == ("only inside Office hours", [desk], monday)
    assert advance_due_pages(now=monday - SECOND) == 0
    assert advance_due_pages(now=monday) == 1
    assert outcomes(page) == [("waits", "only inside Office hours"), ("rung", "named in the step")]


def test_outside_of_hours_that_touch_is_waited_for_until_the_last_of_them_ends() -> None:
    night = ReachableUserFactory()
    around = BusinessHoursFactory(workdays=[4, 5], opens_at=time(9), closes_at=time(9))
    how = {"hours": around, "hours_rule": HoursRule.OUTSIDE, "if_not_met": UnmetRule.WAIT}

    page = start(policy=policy_of((night, how)), now=datetime(2026, 4, 16, 12, 0, tzinfo=BERLIN))

    assert page.wake_at == datetime(2026, 4, 18, 9, 0, tzinfo=BERLIN)


def test_a_running_page_keeps_the_hours_that_it_began_with() -> None:
    desk = ReachableUserFactory()
    hours = BusinessHoursFactory()
    page = start(policy=policy_of((desk, {"hours": hours, "if_not_met": UnmetRule.WAIT})), now=FRIDAY)

    hours.opens_at = time(7)
    hours.save()
    monday = datetime(2026, 4, 20, 7, 30, tzinfo=BERLIN)

    assert advance_due_pages(now=monday) == 0
    page.refresh_from_db()
    assert page.wake_at == monday.replace(hour=9, minute=0)


def test_cannot_and_ring_next_do_not_wait_for_hours() -> None:
    ana, desk, boss = (ReachableUserFactory() for _ in range(3))
    waits = {"hours": BusinessHoursFactory(), "if_not_met": UnmetRule.WAIT}
    declined = start(policy=policy_of((ana, {}), (desk, waits)), now=FRIDAY)
    by_hand = start(policy=policy_of((desk, waits), (boss, {})), now=FRIDAY)

    decline_page(declined, by=by(ana), now=FRIDAY + MINUTE)
    ring_next_now(by_hand, by=by(boss), now=FRIDAY + MINUTE)

    assert [user for _, user in rung(declined)] == [ana, desk]
    assert [user for _, user in rung(by_hand)] == [desk]


def often(user: Any, more_than: int = 2) -> Policy:
    """A policy that rings `user` once it came up more than so many times within a minute."""
    how = {"more_than": more_than, "within_seconds": 60, "if_not_met": UnmetRule.WAIT}
    return policy_of((user, how))


def test_a_step_that_counts_is_rung_by_the_moment_that_makes_it_enough() -> None:
    ana = ReachableUserFactory()
    page = start(policy=often(ana))

    assert note_recurrence(page.subject_key, now=NOW + 10 * SECOND) == 1
    assert (outcomes(page), rung(page)) == (
        [("waits", "only once it came up more than 2 times within 1 min")],
        [],
    )
    note_recurrence(page.subject_key, now=NOW + 20 * SECOND)

    assert [(row.at, row.user) for row in page.attempts.filter(outcome="rung")] == [(NOW + 20 * SECOND, ana)]


def test_moments_that_lie_too_far_apart_are_not_enough_and_nothing_spins() -> None:
    ana = ReachableUserFactory()
    page = start(policy=often(ana))

    for minute in range(5):
        note_recurrence(page.subject_key, now=NOW + minute * MINUTE + 40 * SECOND)
        advance_due_pages(now=NOW + (minute + 1) * MINUTE)

    assert rung(page) == []
    assert page.attempts.count() == 1


def test_a_step_that_counts_and_does_not_wait_is_gone_over() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    policy = policy_of((ana, {"more_than": 2, "within_seconds": 60}), (jens, {}))

    assert rung(start(policy=policy)) == [(0, jens)]


def test_what_comes_up_again_begins_nothing_anew_and_is_counted_only_where_a_step_asks() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    plain = start(policy=policy_of((ana, {}), (jens, {})))
    answered = start(policy=often(ana), subject_key="incident:INC-2")
    acknowledge_page(answered, by=by(ana), now=NOW + SECOND)

    assert note_recurrence(plain.subject_key, now=NOW + MINUTE) == 0
    assert note_recurrence("incident:INC-2", now=NOW + MINUTE) == 0

    assert (rung(plain), rung(answered), PageRecurrence.objects.count()) == ([(0, ana)], [], 0)


def test_a_policy_whose_conditions_never_hold_comes_to_its_last_resort() -> None:
    boss = ReachableUserFactory()
    policy = policy_of((ReachableUserFactory(), {"mildest_rank": 0}), last_resort=boss)

    page = start(policy=policy, level_rank=3)

    assert outcomes(page) == [("not_met", "only at levels of rank 0 or worse"), ("rung", "last resort")]
    assert page.status == PageStatus.EXHAUSTED


# --- how many must answer ------------------------------------------------------------------------------------------
def test_the_greatest_number_of_answers_counts_the_levels_the_policys_or_that_of_a_step_once_it_was_rung() -> None:
    people = [ReachableUserFactory() for _ in range(3)]

    by_policy = start(policy=policy_of((people[0], {}), answers_needed=2))
    by_level = start(policy=policy_of((people[0], {}), answers_needed=2), answers_needed=3)
    by_step = start(policy=policy_of((people[0], {}), (people[1], {"answers_needed": 2}), (people[2], {})))
    assert [page.answers_needed for page in (by_policy, by_level, by_step)] == [2, 3, 1]
    advance_due_pages(now=NOW + 5 * MINUTE)

    pages = Page.objects.in_bulk([by_policy.pk, by_level.pk, by_step.pk])
    assert [pages[page.pk].answers_needed for page in (by_policy, by_level, by_step)] == [2, 3, 2]


def test_a_step_that_needs_two_answers_rings_on_after_the_first() -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    policy = PolicyFactory()
    both = PolicyStepFactory(policy=policy, position=0, answers_needed=2)
    StepTargetFactory(step=both, user=ana)
    StepTargetFactory(step=both, user=jens)
    StepTargetFactory(step=PolicyStepFactory(policy=policy, position=1), user=eva)
    page = start(policy=policy)

    page = acknowledge_page(page, by=by(ana), now=NOW + MINUTE)
    assert page.status == PageStatus.RINGING
    page = acknowledge_page(page, by=by(jens), now=NOW + 2 * MINUTE)

    assert (page.status, rung(page)) == (PageStatus.ACKNOWLEDGED, [(0, ana), (0, jens)])


def test_whom_nothing_reaches_behind_a_condition_that_does_not_hold_is_not_asked_about() -> None:
    page = start(policy=policy_of((UserFactory(), {"mildest_rank": 0}), (ReachableUserFactory(), {})))

    assert [outcome for outcome, _ in outcomes(page)] == ["not_met", "rung"]
