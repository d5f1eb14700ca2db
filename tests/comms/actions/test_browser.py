"""A browser that has gone rings nobody any more, and its person hears so by what is left."""

import secrets
from typing import Any

import pytest

from comms.actions import browser as actions
from comms.actions.browser import end_contact_point
from comms.actions.delivery import deliver_due
from comms.actions.message import queue_message
from comms.enums import MessageKind, MessageStatus, Transport, Urgency
from comms.models import ContactPoint, Message
from comms.queries.reach import unreachable
from tests.comms.transports.browser import Browser
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(httpserver: Any, settings: Any) -> ContactPoint:
    settings.PUSH_KEY = secrets.token_urlsafe(32)
    address = httpserver.url_for("/push/1")
    return ContactPointFactory(
        transport=Transport.PUSH, address=address, secret=Browser().secret, label="Chrome on Android"
    )


def page(point: ContactPoint, now: Any) -> None:
    queue_message(
        now=now, kind=MessageKind.PAGE, urgency=Urgency.URGENT, subject="[SEV2] x", to=point.user, dedup_key="page:1"
    )


def test_what_the_push_service_calls_gone_is_switched_off_and_its_person_told(phone, httpserver, now):
    httpserver.expect_request("/push/1").respond_with_data("", status=410)
    mail = ContactPointFactory(user=phone.user)
    page(phone, now)

    deliver_due(now=now)

    phone.refresh_from_db()
    pages = Message.objects.filter(kind=MessageKind.PAGE, contact_point=phone)
    notice = Message.objects.get(kind=MessageKind.NOTICE)
    assert phone.is_enabled is False
    assert [one.status for one in pages] == [MessageStatus.NOT_SENT]
    assert (notice.contact_point, notice.subject) == (mail, "You are no longer rung by Push (Chrome on Android)")
    assert notice.link.endswith("/me/browsers/")


def test_whoever_had_nothing_else_counts_as_unreachable(phone, httpserver, now):
    httpserver.expect_request("/push/1").respond_with_data("", status=404)
    page(phone, now)

    deliver_due(now=now)

    assert [user.pk for user in unreachable([phone.user])] == [phone.user.pk]


def test_any_other_refusal_leaves_it_on(phone, httpserver, now):
    httpserver.expect_request("/push/1").respond_with_data("", status=413)
    page(phone, now)

    deliver_due(now=now)

    phone.refresh_from_db()
    assert phone.is_enabled is True
    assert not Message.objects.filter(kind=MessageKind.NOTICE).exists()


def test_ended_twice_it_tells_once(now):
    point = ContactPointFactory(user=UserFactory())

    assert [end_contact_point(point, now=now) for _ in range(2)] == [True, False]
    assert Message.objects.count() == 1


def test_what_cannot_be_told_leaves_it_on(now, monkeypatch):
    point = ContactPointFactory()
    monkeypatch.setattr(actions, "queue_message", lambda **_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        end_contact_point(point, now=now)

    point.refresh_from_db()
    assert point.is_enabled is True
