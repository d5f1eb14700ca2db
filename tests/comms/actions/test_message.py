"""What is written into the outbox, for whom, and what is taken back."""

from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from comms.actions.message import queue_message, withdraw_messages
from comms.enums import MessageKind, MessageStatus, Transport, Urgency
from comms.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, MessageFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db

PAGE = "[SEV2] Pipeline blocks spiking · api"


def queue(now: datetime, **changes: Any) -> list[Message]:
    """A page, unless told otherwise."""
    asked: dict[str, Any] = {"kind": MessageKind.PAGE, "subject": PAGE, "dedup_key": "page:1:ana"}
    return queue_message(now=now, **{**asked, **changes})


def test_a_person_gets_one_row_for_each_rule_of_the_chain_at_its_moment(now):
    ana = UserFactory()
    mail = ContactPointFactory(user=ana)
    push = ContactPointFactory(user=ana, transport=Transport.APPRISE, address="ntfy://127.0.0.1/ana")
    for point, after in ((mail, 120), (push, 0), (push, 1800)):
        ContactRuleFactory(contact_point=point, after_seconds=after)
    ContactRuleFactory(contact_point__user=ana, contact_point__address="n@example.org", chain=Urgency.NORMAL)

    rows = queue(now, to=ana, urgency=Urgency.URGENT, link="/incidents/INC-1/", subject_key="incident:1")

    assert [(row.contact_point, row.transport, row.address, row.deliver_after, row.status) for row in rows] == [
        (push, "apprise", "ntfy://127.0.0.1/ana", now, MessageStatus.WAITING),
        (mail, "email", ana.email, now + timedelta(minutes=2), MessageStatus.WAITING),
        (push, "apprise", "ntfy://127.0.0.1/ana", now + timedelta(minutes=30), MessageStatus.WAITING),
    ]
    assert {(row.user, row.link, row.subject_key, row.created_at) for row in rows} == {
        (ana, "http://127.0.0.1:8000/incidents/INC-1/", "incident:1", now)
    }
    assert len({row.key for row in rows}) == 3
    assert list(Message.objects.order_by("deliver_after")) == rows


def test_deliver_after_moves_the_whole_chain(now):
    ana = UserFactory()
    ContactRuleFactory(contact_point__user=ana, after_seconds=60)

    (row,) = queue(now, to=ana, urgency=Urgency.URGENT, deliver_after=now + timedelta(minutes=5))

    assert row.deliver_after == now + timedelta(minutes=6)


def test_a_person_without_rules_is_told_by_the_standard_chains(now):
    ana = UserFactory()
    mail = ContactPointFactory(user=ana)
    hook = ContactPointFactory(user=ana, transport=Transport.WEBHOOK, address="https://example.org/ana")

    urgent = queue(now, to=ana, urgency=Urgency.URGENT)
    normal = queue(now, to=ana, dedup_key="notice:1")

    assert [(row.contact_point, row.deliver_after) for row in urgent + normal] == [(mail, now), (hook, now)] * 2


def test_a_rule_that_is_passed_over_is_a_row_with_the_reason(now):
    ana = UserFactory()
    mail = ContactPointFactory(user=ana)
    new = ContactPointFactory(user=ana, address="new@example.org", verified_at=None)
    off = ContactPointFactory(user=ana, address="off@example.org", is_enabled=False, label="old mail")
    for point in (mail, new, off):
        ContactRuleFactory(contact_point=point)

    queue(now, to=ana, urgency=Urgency.URGENT)

    assert {row.contact_point: (row.status, row.not_sent_reason) for row in Message.objects.all()} == {
        mail: (MessageStatus.WAITING, ""),
        new: (MessageStatus.NOT_SENT, "Email (new@example.org) is not verified."),
        off: (MessageStatus.NOT_SENT, "Email (old mail) is switched off."),
    }


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "@ana has no contact point that is switched on."),
        ({"is_active": False}, "The account of @ana is switched off."),
    ],
)
def test_a_person_who_cannot_be_reached_is_a_row_with_the_reason(now, fields, reason):
    ana = UserFactory(handle="ana", **fields)
    ContactPointFactory(user=ana, is_enabled=bool(fields))

    queue(now, to=ana, urgency=Urgency.URGENT)

    row = Message.objects.get()
    assert (row.status, row.not_sent_reason, row.user, row.address) == (MessageStatus.NOT_SENT, reason, ana, "")


def test_a_standing_channel_gets_one_row(now):
    channel = SubscriptionFactory(kinds=[MessageKind.THREAD])

    (row,) = queue(now, to=channel, kind=MessageKind.THREAD, facts={"level": "SEV2"})

    assert (row.subscription, row.transport, row.address) == (channel, "webhook", "http://127.0.0.1:9/hook")
    assert (row.status, row.facts, row.user) == (MessageStatus.WAITING, {"level": "SEV2"}, None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_enabled": False}, "The channel incidents is switched off."),
        ({"kinds": [MessageKind.THREAD]}, "The channel incidents does not take “Page”."),
    ],
)
def test_a_channel_that_does_not_take_it_is_a_row_with_the_reason(now, fields, reason):
    queue(now, to=SubscriptionFactory(name="incidents", **fields))

    row = Message.objects.get()
    assert (row.status, row.not_sent_reason) == (MessageStatus.NOT_SENT, reason)


def test_a_channel_without_kinds_takes_everything(now):
    (row,) = queue(now, to=SubscriptionFactory(kinds=[]))

    assert row.status == MessageStatus.WAITING


def test_an_address_gets_a_webhook_and_a_wrong_one_is_a_row_with_the_reason(now):
    (right,) = queue(now, to="https://example.org/hook", dedup_key="right")
    (wrong,) = queue(now, to="example.org/hook", dedup_key="wrong")

    assert (right.transport, right.address, right.status) == (
        Transport.WEBHOOK,
        "https://example.org/hook",
        MessageStatus.WAITING,
    )
    assert (wrong.status, wrong.not_sent_reason) == (
        MessageStatus.NOT_SENT,
        "“example.org/hook” is not a web address; write it like https://example.org/hook.",
    )


def test_the_same_key_twice_writes_nothing_new_even_after_the_chain_has_changed(now):
    ana = UserFactory()
    ContactPointFactory(user=ana)
    first = queue(now, to=ana, urgency=Urgency.URGENT)
    ContactPointFactory(user=ana, address="new@example.org")

    again = queue(now + timedelta(minutes=1), to=ana, urgency=Urgency.URGENT, subject="other words")

    assert again == first
    assert [row.subject for row in Message.objects.all()] == [PAGE]


def test_a_key_that_begins_like_another_is_another(now):
    ana = UserFactory()
    ContactPointFactory(user=ana)
    queue(now, to=ana, dedup_key="page:10")

    assert len(queue(now, to=ana, dedup_key="page:1")) == 1
    assert Message.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_key_at_the_same_moment_leave_one_row(now):
    channel = SubscriptionFactory()
    both_have_looked, written = Barrier(2), []

    def write() -> None:
        with transaction.atomic():
            assert not Message.objects.exists()
            both_have_looked.wait(10)
            written.extend(queue(now, to=channel))
        connections.close_all()

    threads = [Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    row = Message.objects.get()
    assert written == [row, row]


def test_a_long_subject_is_one_line_of_two_hundred_characters(now):
    (row,) = queue(now, to=SubscriptionFactory(), subject="[SEV2] blocks\r\nBcc: x@example.org " + "x" * 300)

    assert row.subject == ("[SEV2] blocks Bcc: x@example.org " + "x" * 300)[:199] + "…"


@pytest.mark.parametrize("key", ["", "k" * 181])
def test_a_key_that_is_none_or_does_not_fit_is_an_error(now, key):
    with pytest.raises(ValueError, match="A dedup key has 1 to 180 characters"):
        queue(now, to=SubscriptionFactory(), dedup_key=key)


def test_the_bell_rings_at_commit_when_something_is_due_and_only_then(now, django_capture_on_commit_callbacks):
    channel = SubscriptionFactory()

    with django_capture_on_commit_callbacks() as due:
        queue(now, to=channel)
    with django_capture_on_commit_callbacks() as repeated:
        queue(now, to=channel)
    with django_capture_on_commit_callbacks() as later:
        queue(now, to=channel, dedup_key="later", deliver_after=now + timedelta(seconds=1))
    with django_capture_on_commit_callbacks() as never:
        queue(now, to="nowhere", dedup_key="never")

    assert [len(due), len(repeated), len(later), len(never)] == [1, 0, 0, 0]


def test_withdrawing_takes_back_what_waits_and_what_is_on_lease_and_leaves_what_was_sent(now):
    about = {"subject_key": "incident:1"}
    waiting = MessageFactory(**about)
    leased = MessageFactory(**about, lease_until=now + timedelta(seconds=20))
    sent, not_sent = MessageFactory(**about, sent=True), MessageFactory(**about, not_sent=True)
    other = MessageFactory(subject_key="incident:10")

    count = withdraw_messages(now=now, subject_key="incident:1", reason="@ana has it.")

    assert count == 2
    assert {row.pk: (row.status, row.not_sent_reason) for row in Message.objects.all()} == {
        waiting.pk: (MessageStatus.NOT_SENT, "@ana has it."),
        leased.pk: (MessageStatus.NOT_SENT, "@ana has it."),
        sent.pk: (MessageStatus.SENT, ""),
        not_sent.pk: (MessageStatus.NOT_SENT, "Nobody wanted it."),
        other.pk: (MessageStatus.WAITING, ""),
    }


def test_withdrawing_can_be_narrowed_to_kinds_and_to_a_person(now):
    page = MessageFactory(subject_key="incident:1", kind=MessageKind.PAGE)
    notice = MessageFactory(
        subject_key="incident:1", kind=MessageKind.NOTICE, user=page.user, contact_point=page.contact_point
    )
    other = MessageFactory(subject_key="incident:1", kind=MessageKind.PAGE)

    count = withdraw_messages(
        now=now, subject_key="incident:1", reason="Taken.", kinds=[MessageKind.PAGE], user=page.user
    )

    assert count == 1
    assert set(Message.objects.unsent()) == {notice, other}


@pytest.mark.parametrize(("subject_key", "reason"), [("", "Taken."), ("incident:1", "")])
def test_withdrawing_everything_or_without_a_reason_is_an_error(now, subject_key, reason):
    MessageFactory(subject_key="")

    with pytest.raises(ValueError, match="withdrawn by subject_key"):
        withdraw_messages(now=now, subject_key=subject_key, reason=reason)

    assert Message.objects.unsent().count() == 1


def test_when_the_second_row_cannot_be_written_there_is_none(now):
    ana = UserFactory()
    ContactPointFactory(user=ana)
    second = ContactPointFactory(user=ana, address="second@example.org")
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE comms_message ADD CONSTRAINT broken CHECK (contact_point_id IS DISTINCT FROM {second.pk})"
        )

    with pytest.raises(DatabaseError, match="broken"), transaction.atomic():
        queue(now, to=ana, urgency=Urgency.URGENT)

    assert Message.objects.count() == 0
