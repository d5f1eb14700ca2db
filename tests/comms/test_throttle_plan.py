"""What is held, told in one breath or said once, and what never is: rows that were never saved are enough."""

from datetime import timedelta

import pytest

from comms.enums import MessageKind, Transport, Urgency
from comms.models import Message
from comms.plan.throttle import TWIN, Send, Told, free_at, sends, throttles_for
from tests.factories import NOW

MINUTE = timedelta(minutes=1)
ANA, SMS = 1, 10


def row(pk, series="page:A", **changes):
    """A follow-up of a page to Ana's phone that is due now."""
    fields = {
        "kind": MessageKind.PAGE,
        "urgency": Urgency.URGENT,
        "transport": Transport.SMS,
        "user_id": ANA,
        "contact_point_id": SMS,
        "is_follow_up": True,
        "created_at": NOW - 5 * MINUTE,
        "deliver_after": NOW,
    }
    return Message(pk=pk, series=series, **{**fields, **changes})


def sent(pk, series="page:A", **changes):
    """What reached Ana five minutes ago by another address."""
    fields = {
        "user_id": ANA,
        "contact_point_id": 11,
        "created_at": NOW - 5 * MINUTE,
        "deliver_after": NOW - 5 * MINUTE,
    }
    return Told(pk=pk, series=series, is_sent=True, is_due=False, **{**fields, **changes})


def test_the_first_rows_of_every_page_of_a_storm_leave_each_by_itself_at_once():
    storm = [row(number, f"page:{number}", is_follow_up=False, created_at=NOW) for number in range(500)]
    many = [NOW - timedelta(seconds=second) for second in range(500)]

    assert sends(storm, [], {SMS: many}, NOW) == [Send((one,)) for one in storm]


def test_a_later_rule_is_no_repeat_while_nothing_has_reached_its_person():
    (later,) = rows = [row(1)]

    assert sends(rows, [], {SMS: [NOW] * 30}, NOW) == [Send((later,))]


def test_repeats_of_several_pages_are_told_in_one_breath():
    first, second, third = rows = [row(number, f"page:{number}") for number in (1, 2, 3)]
    told = [sent(number + 10, f"page:{number}") for number in (1, 2, 3)]

    assert sends(rows, told, {SMS: []}, NOW) == [Send((first, second, third))]


def test_a_repeat_waits_while_as_many_left_as_the_throttle_allows():
    (repeat,) = rows = [row(1)]
    left = [NOW - minutes * MINUTE for minutes in (2, 4, 6, 8, 14)]

    assert sends(rows, [sent(2)], {SMS: left}, NOW) == [
        Send((repeat,), "Held: at most 5 in 15 min to one address.", NOW + MINUTE)
    ]


def test_a_new_ring_of_a_page_is_a_repeat_and_an_older_row_is_none():
    old = row(1, is_follow_up=False, created_at=NOW - 6 * MINUTE, contact_point_id=12)
    new = row(3, is_follow_up=False, created_at=NOW - 4 * MINUTE)

    assert sends([old, new], [sent(2)], {SMS: [NOW], 12: [NOW]}, NOW) == [
        Send((old,)),
        Send((new,), "Held: at most 1 in 1 min to one address.", NOW + MINUTE),
    ]


def test_what_reached_somebody_else_makes_no_repeat():
    (later,) = rows = [row(1)]

    assert sends(rows, [sent(2, user_id=2)], {SMS: [NOW]}, NOW) == [Send((later,))]


def test_two_rules_for_one_address_that_are_late_make_one_message_and_the_oldest_leaves():
    second, first = rows = [row(1, deliver_after=NOW - MINUTE), row(2, deliver_after=NOW - 2 * MINUTE)]

    assert sends(rows, [], {}, NOW) == [Send((second,), TWIN), Send((first,))]


def test_a_row_whose_twin_of_the_same_moment_has_just_left_is_not_sent_again():
    (later,) = rows = [row(2, created_at=NOW, is_follow_up=False)]
    gone = {"contact_point_id": SMS, "created_at": NOW, "deliver_after": NOW}

    assert sends(rows, [sent(1, **gone)], {}, NOW) == [Send((later,), TWIN)]
    assert sends(rows, [sent(1, **{**gone, "contact_point_id": 12})], {}, NOW) == [Send((later,))]


def test_a_row_that_another_worker_holds_is_a_twin_too():
    (later,) = rows = [row(1)]
    held = sent(2, contact_point_id=SMS)
    waiting = Told(**{**vars(held), "is_sent": False, "is_due": True})

    assert sends(rows, [waiting], {}, NOW) == [Send((later,), TWIN)]


def test_private_pages_and_what_is_not_urgent_are_never_told_in_one_breath_with_others():
    rows = [
        row(1, "page:1"),
        row(2, "page:2", audience_id=7),
        row(3, "page:3", is_discreet=True),
    ]
    told = [sent(number + 10, f"page:{number}") for number in (1, 2, 3)]

    decided = sends(rows, told, {SMS: []}, NOW)

    assert [one.rows for one in decided] == [(one,) for one in rows]
    assert [one.held_until for one in decided] == [None, NOW + MINUTE, NOW + MINUTE]


def test_what_was_tried_before_and_what_goes_to_a_channel_is_left_as_it_is():
    tried, channel = row(1, attempts=1), row(2, user_id=None, contact_point_id=None)

    assert sends([tried, channel], [sent(3)], {SMS: [NOW]}, NOW) == [Send((tried,)), Send((channel,))]


def test_whoever_is_awake_gets_repeats_every_ten_minutes():
    (decided,) = sends([row(1)], [sent(2)], {SMS: [NOW - 3 * MINUTE]}, NOW, awake={ANA})

    assert (decided.reason, decided.held_until) == ("Held: at most 1 in 10 min to one address.", NOW + 7 * MINUTE)


@pytest.mark.parametrize(
    ("kind", "urgency", "transport", "figures"),
    [
        ("page", "urgent", "voice", [(1, 1), (3, 15), (7, 60), (15, 180)]),
        ("page", "urgent", "sms", [(1, 1), (5, 15), (11, 60), (21, 180)]),
        ("page", "urgent", "email", [(1, 1)]),
        ("notice", "normal", "sms", [(1, 3), (3, 20), (8, 120)]),
        ("notice", "normal", "email", []),
        ("code", "normal", "sms", []),
    ],
)
def test_the_figures_are_those_that_are_published(kind, urgency, transport, figures):
    throttles = throttles_for(row(1, kind=kind, urgency=urgency, transport=transport))

    assert [(one.count, one.per / MINUTE) for one in throttles] == figures


def test_the_throttle_that_holds_longest_names_the_moment():
    throttles = throttles_for(row(1, transport=Transport.VOICE))

    assert free_at(throttles, [NOW, NOW - MINUTE, NOW - 2 * MINUTE], NOW) == (NOW + 13 * MINUTE, throttles[1])
    assert free_at(throttles, [NOW - MINUTE, NOW - 16 * MINUTE], NOW) == (NOW, None)
