"""By which address a person is told, when, and why not by another: rows that were never saved are enough."""

from datetime import timedelta

import pytest

from accounts.models import User
from comms.enums import Transport, Urgency
from comms.models import ContactPoint, ContactRule
from comms.plan import Try, tries
from tests.factories import NOW

ANA = User(pk=1, handle="ana")


class Points(list[ContactPoint]):
    """Ana's addresses, each with its rules at hand as if they had been prefetched."""

    def add(self, transport="email", *rules, verified=True, on=True, chain=Urgency.URGENT):
        number = len(self) + 1
        point = ContactPoint(
            pk=number,
            user=ANA,
            transport=transport,
            address=f"ana{number}@example.org",
            verified_at=NOW if verified else None,
            is_enabled=on,
        )
        lines = [ContactRule(contact_point=point, chain=chain, after_seconds=after) for after in rules]
        vars(point)["_prefetched_objects_cache"] = {"rules": Rules(lines)}
        self.append(point)
        return point


class Rules(list[ContactRule]):
    def all(self):
        return self


def minutes(number):
    return timedelta(minutes=number)


@pytest.fixture
def points():
    return Points()


def test_the_same_address_stands_twice_in_the_order_of_its_rules(points):
    sms, voice = points.add("sms", 1800, 0), points.add("voice", 0)

    assert tries(points, Urgency.URGENT) == [Try(sms), Try(voice), Try(sms, minutes(30))]


def test_the_standard_urgent_chain_is_everything_at_once_and_the_phone_call_after_two_minutes(points):
    voice, mail, push, sms = (points.add(transport) for transport in ("voice", "email", "push", "sms"))

    assert tries(points, Urgency.URGENT) == [Try(mail), Try(push), Try(sms), Try(voice, minutes(2))]


@pytest.mark.parametrize(
    ("transports", "chosen"),
    [
        (["voice", "sms", "push", "slack", "email"], ["slack", "email"]),
        (["voice", "sms", "push", Transport.WEBHOOK], [Transport.WEBHOOK]),
        (["voice", "sms", "push"], ["push"]),
        (["voice", "sms"], ["sms"]),
        (["voice"], []),
    ],
)
def test_the_standard_normal_chain_is_mail_and_chat_then_push_then_sms_and_never_a_call(points, transports, chosen):
    for transport in transports:
        points.add(transport)

    assert [one.point.transport for one in tries(points, Urgency.NORMAL)] == chosen


def test_rules_of_one_chain_leave_the_other_standard(points):
    mail = points.add("email", 600)

    assert tries(points, Urgency.URGENT) == [Try(mail, minutes(10))]
    assert tries(points, Urgency.NORMAL) == [Try(mail)]


def test_an_unverified_address_is_used_where_there_is_no_other(points):
    mail = points.add("email", verified=False)

    assert tries(points, Urgency.URGENT) == [Try(mail)]


def test_an_unverified_address_with_its_rule_does_not_take_the_place_of_a_verified_one(points):
    mail, sms = points.add("email"), points.add("sms", 0, verified=False)

    assert tries(points, Urgency.URGENT) == [Try(mail), Try(sms, reason="SMS (ana2@example.org) is not verified.")]


def test_rules_for_what_is_switched_off_alone_leave_the_standard_chain(points):
    off, mail = points.add("sms", 0, on=False), points.add("email")

    assert tries(points, Urgency.URGENT) == [Try(mail), Try(off, reason="SMS (ana1@example.org) is switched off.")]


def test_nobody_is_told_by_what_is_switched_off(points):
    points.add("email", on=False)

    assert tries(points, Urgency.URGENT) == []
