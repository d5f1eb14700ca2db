"""A contact point is verified by the code that was sent to it."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.actor import Actor
from comms.actions.code import confirm_code, send_code
from comms.actions.contact_point import set_contact_point
from comms.enums import MessageKind, MessageStatus, Transport
from comms.models import ContactCode, ContactPoint, Message
from core.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.accounts import ActorFactory
from tests.factories.comms import ContactCodeFactory, ContactPointFactory

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def point():
    return ContactPointFactory(verified_at=None, user__handle="ana", address="ana@example.org")


def own(point):
    return Actor(user=point.user)


def code_in(message):
    return "".join(re.findall(r"\d", message.body)[:6])


def test_the_code_that_was_sent_verifies_and_is_kept_nowhere_but_in_its_message(now, point):
    kept = send_code(point, by=own(point), now=now)
    message = Message.objects.get()
    code = code_in(message)

    confirm_code(point, by=own(point), now=now + 14 * MINUTE, code=f" {code[:3]} {code[3:]} ")

    point.refresh_from_db()
    assert point.verified_at == now + 14 * MINUTE
    assert (message.contact_point, message.user, message.kind, message.status) == (
        point,
        point.user,
        MessageKind.CODE,
        MessageStatus.WAITING,
    )
    assert code not in kept.code_hash
    assert ContactCode.objects.count() == 0


def test_a_call_says_the_code_digit_by_digit(now):
    point = ContactPointFactory(verified_at=None, transport=Transport.VOICE, address="+491701234567")

    send_code(point, by=own(point), now=now)

    assert re.match(r"(\d, ){5}\d\. Type it", Message.objects.get().body)


def test_a_wrong_code_is_counted_and_five_end_it(now, point):
    ContactCodeFactory(contact_point=point)
    said = []
    for _ in range(5):
        with pytest.raises(InvalidInput) as refusal:
            confirm_code(point, by=own(point), now=now, code="654321")
        said.append(str(refusal.value))

    with pytest.raises(WrongState, match=r"No code for Email \(ana@example.org\) counts any more"):
        confirm_code(point, by=own(point), now=now, code="123456")

    assert said[0] == "That is not the code. You may try 4 times more."
    assert said[3:] == [
        "That is not the code. You may try once more.",
        "That is not the code, for the fifth time. Ask for a new one.",
    ]
    point.refresh_from_db()
    assert point.verified_at is None


def test_a_code_ends_after_fifteen_minutes(now, point):
    ContactCodeFactory(contact_point=point)

    with pytest.raises(WrongState, match="Ask for a new one"):
        confirm_code(point, by=own(point), now=now + 15 * MINUTE, code="123456")


def test_another_code_leaves_after_a_minute_and_ends_the_first_one(now, point):
    send_code(point, by=own(point), now=now)
    first = Message.objects.get()

    with pytest.raises(WrongState, match="Ask for another one after 12:24 UTC"):
        send_code(point, by=own(point), now=now + timedelta(seconds=59))
    send_code(point, by=own(point), now=now + MINUTE)

    first.refresh_from_db()
    assert (first.status, first.not_sent_reason) == (MessageStatus.NOT_SENT, "A newer code was asked for.")
    second = Message.objects.exclude(pk=first.pk).get()
    if code_in(first) != code_in(second):
        with pytest.raises(InvalidInput):
            confirm_code(point, by=own(point), now=now + MINUTE, code=code_in(first))
    confirm_code(point, by=own(point), now=now + MINUTE, code=code_in(second))


def test_what_is_verified_gets_no_code(now):
    point = ContactPointFactory(user__handle="ana", user__email="ana@example.org")

    with pytest.raises(WrongState, match=r"Email \(ana@example.org\) is verified already"):
        send_code(point, by=own(point), now=now)

    assert Message.objects.count() == 0


def test_a_code_for_the_old_address_proves_nothing_of_the_new_one(now, point):
    ContactCodeFactory(contact_point=point)
    point.address = "new@example.org"
    set_contact_point(point, by=own(point), now=now)

    with pytest.raises(WrongState, match="Ask for a new one"):
        confirm_code(point, by=own(point), now=now, code="123456")

    assert ContactPoint.objects.get().verified_at is None


def test_nobody_else_sends_or_types_a_code(now, point):
    ContactCodeFactory(contact_point=point)

    with pytest.raises(NotAllowed, match="Only @ana or an admin may say how @ana is reached"):
        send_code(point, by=ActorFactory(), now=now + MINUTE)
    with pytest.raises(NotAllowed):
        confirm_code(point, by=ActorFactory(), now=now, code="123456")

    assert ContactPoint.objects.get().verified_at is None


def test_when_the_message_cannot_be_written_there_is_no_new_code(now, point):
    ContactCodeFactory(contact_point=point, sent_at=now - 2 * MINUTE)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE comms_message ADD CONSTRAINT broken CHECK (kind <> 'code')")

    with pytest.raises(DatabaseError, match="broken"), transaction.atomic():
        send_code(point, by=own(point), now=now)

    confirm_code(point, by=own(point), now=now, code="123456")
    assert ContactPoint.objects.get().verified_at == now
