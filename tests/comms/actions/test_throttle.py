"""Repeats are held and told in one breath, first pages never; what is not sent is a row with its reason."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from comms.actions.delivery import deliver_due
from comms.actions.message import queue_message, strip_messages, withdraw_messages
from comms.actions.throttle import throttle
from comms.enums import MessageKind, MessageStatus, Transport, Urgency
from comms.models import ContactPoint, Message
from comms.transports.envelope import DISCREET, envelope_of
from tests.factories.accounts import UserFactory
from tests.factories.comms import (
    AwakeSpanFactory,
    ContactPointFactory,
    ContactRuleFactory,
    MessageFactory,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ana():
    """Mail at once, and again to another address after two minutes."""
    ana = UserFactory(handle="ana")
    ContactRuleFactory(contact_point__user=ana)
    ContactRuleFactory(contact_point__user=ana, contact_point__address="late@example.org", after_seconds=120)
    return ana


def page(ana, number, now, ring=0, **changes):
    """One ring of one page."""
    asked = {"kind": MessageKind.PAGE, "urgency": Urgency.URGENT, "subject": f"[SEV2] Fire {number} · api"}
    keys = {"dedup_key": f"page:{number}:{ring}", "series": f"page:{number}:", "subject_key": f"incident:{number}"}
    return queue_message(now=now, to=ana, **{**asked, **keys, **changes})


def to(mailoutbox, address):
    return [mail.subject for mail in mailoutbox if mail.to == [address]]


def test_a_storm_rings_every_page_once_and_what_follows_comes_as_one(now, ana, mailoutbox):
    for number in range(30):
        page(ana, number, now)

    deliver_due(now=now)
    deliver_due(now=now + 2 * MINUTE)

    assert sorted(to(mailoutbox, "ana@example.org")) == sorted(f"[SEV2] Fire {number} · api" for number in range(30))
    (breath,) = to(mailoutbox, "late@example.org")
    assert breath.startswith("30 pages ring: [SEV2] Fire 0 · api; [SEV2] Fire 1 · api; ")
    parts = Message.objects.filter(address="late@example.org", status=MessageStatus.NOT_SENT)
    bundle = Message.objects.get(dedup_key__startswith="bundle:")
    assert {(part.not_sent_reason, part.bundled_into) for part in parts} == {
        ("Told in one message with 29 others.", bundle)
    }
    assert (parts.count(), bundle.status, bundle.user) == (30, MessageStatus.SENT, ana)
    assert not Message.objects.unsent().exists()


def test_two_late_rules_for_one_address_make_one_message(now, mailoutbox):
    ana = UserFactory()
    for after in (60, 120):
        ContactRuleFactory(contact_point__user=ana, after_seconds=after)
    _, second = page(ana, 1, now)

    assert deliver_due(now=now + 3 * MINUTE) == 1

    second.refresh_from_db()
    assert (len(mailoutbox), second.status, second.not_sent_reason) == (
        1,
        MessageStatus.NOT_SENT,
        "The same was due at this address at the same moment; one of them is enough.",
    )


def test_a_repeat_is_held_with_its_reason_and_the_next_channel_tried_at_once(now, ana, mailoutbox):
    page(ana, 1, now)
    deliver_due(now=now)

    held, later = page(ana, 1, now + timedelta(seconds=20), ring=1)
    deliver_due(now=now + timedelta(seconds=20))

    held.refresh_from_db()
    later.refresh_from_db()
    assert (held.status, held.held_reason, held.deliver_after) == (
        MessageStatus.WAITING,
        "Held: at most 1 in 1 min to one address.",
        now + MINUTE,
    )
    assert (later.deliver_after, later.held_reason) == (now + timedelta(seconds=20), "")
    deliver_due(now=now + MINUTE)
    assert len(to(mailoutbox, "ana@example.org")) == 2


def test_whoever_is_awake_is_told_again_after_ten_minutes(now, ana):
    AwakeSpanFactory(user=ana, starts_at=now)
    page(ana, 1, now)
    deliver_due(now=now)
    held, _ = page(ana, 1, now + 2 * MINUTE, ring=1)

    deliver_due(now=now + 2 * MINUTE)

    held.refresh_from_db()
    assert (held.held_reason, held.deliver_after) == ("Held: at most 1 in 10 min to one address.", now + 10 * MINUTE)


def test_a_bundle_goes_with_the_last_of_its_parts_and_not_before(now, ana):
    for number in (1, 2):
        MessageFactory(**about(ana, number), sent=True, created_at=now - MINUTE, sent_at=now - MINUTE)
    rows = [MessageFactory(**about(ana, number), is_follow_up=True) for number in (1, 2)]
    (bundle,) = throttle(rows, now=now)

    withdraw_messages(now=now, subject_key="incident:1", reason="@jens has it.")
    bundle.refresh_from_db()
    before = bundle.status
    withdraw_messages(now=now, subject_key="incident:2", reason="@jens has it.")

    bundle.refresh_from_db()
    assert (before, bundle.status, bundle.not_sent_reason) == ("waiting", "not_sent", "@jens has it.")


def about(ana, number):
    """What the rows of one page of Ana share."""
    return {
        "user": ana,
        "contact_point": ContactPoint.objects.get(user=ana, address="late@example.org"),
        "series": f"page:{number}:",
        "subject_key": f"incident:{number}",
        "kind": MessageKind.PAGE,
        "urgency": Urgency.URGENT,
    }


def test_when_the_bundle_cannot_be_written_its_parts_wait_as_before(now, ana):
    for number in (1, 2):
        MessageFactory(**about(ana, number), sent=True, created_at=now - MINUTE, sent_at=now - MINUTE)
    rows = [MessageFactory(**about(ana, number), is_follow_up=True) for number in (1, 2)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE comms_message ADD CONSTRAINT broken CHECK (bundled_into_id IS NULL)")

    with pytest.raises(DatabaseError, match="broken"), transaction.atomic():
        throttle(rows, now=now)

    assert set(Message.objects.unsent()) == set(rows)
    assert Message.objects.filter(dedup_key__startswith="bundle:").count() == 0


def test_what_is_discreet_leaves_without_its_words_where_others_see_or_hear_them(now):
    ana = UserFactory()
    for transport, address in (("email", ana.email), ("sms", "+491701234567"), ("voice", "+491701234567")):
        ContactPointFactory(user=ana, transport=transport, address=address)
    facts = {"code": "42", "group": "security", "level": "SEV1"}
    page(ana, 1, now, body="The vault leaks", link="/a/1/", facts=facts)
    page(ana, 2, now)

    assert strip_messages(now=now, subject_key="incident:1") == 3
    assert strip_messages(now=now, subject_key="incident:1") == 0

    said = {row.transport: envelope_of(row, now) for row in Message.objects.filter(subject_key="incident:1")}
    assert {name: (each.subject, each.body, each.facts) for name, each in said.items()} == {
        Transport.EMAIL: ("[SEV2] Fire 1 · api", "The vault leaks", facts),
        Transport.SMS: (DISCREET, "", {"code": "42"}),
        Transport.VOICE: (DISCREET, "", {"code": "42"}),
    }
    assert {each.link for each in said.values()} == {"http://127.0.0.1:8000/a/1/"}
    rows = page(ana, 1, now, ring=1)
    assert {row.is_discreet for row in rows} == {True}
    assert set(Message.objects.filter(is_discreet=False)) == set(Message.objects.filter(subject_key="incident:2"))
