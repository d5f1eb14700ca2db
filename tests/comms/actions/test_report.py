"""What did not arrive passes to the next channel at once; reports in any order say the same in the end."""

from datetime import timedelta

import pytest

from comms.actions import report as report_module
from comms.actions.delivery import deliver_due
from comms.actions.message import queue_message
from comms.actions.report import record_report
from comms.enums import MessageKind, MessageStatus, Report, Transport, Urgency
from comms.intake.report import IncomingReport
from comms.models import Delivery, Message
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, DeliveryFactory, MessageFactory

pytestmark = pytest.mark.django_db
LATER = timedelta(seconds=20)


@pytest.fixture
def chain(now, hook):
    """A webhook at once, another after two and four minutes; the first was handed over at `now`."""
    ana = UserFactory()
    for number, after in enumerate((0, 120, 240)):
        point = ContactPointFactory(user=ana, transport=Transport.WEBHOOK, address=f"{hook}?{number}")
        ContactRuleFactory(contact_point=point, after_seconds=after)
    rows = queue_message(
        now=now, kind=MessageKind.PAGE, subject="x", to=ana, urgency=Urgency.URGENT, dedup_key="page:1"
    )
    assert deliver_due(now=now) == 1
    return rows


def says(report: Report, words: str = "words", name: str = "") -> IncomingReport:
    return IncomingReport(name, report, words)


def test_what_did_not_arrive_brings_the_next_channel_forward_and_no_other(now, chain):
    first, second, third = chain

    delivery = record_report(first, says(Report.FAILED, "undelivered (30003)"), now=now + LATER)

    assert (delivery.report, delivery.report_detail, delivery.reported_at) == (
        Report.FAILED,
        "undelivered (30003)",
        now + LATER,
    )
    moments = {row.pk: row.deliver_after for row in Message.objects.unsent()}
    assert moments == {second.pk: now + LATER, third.pk: now + timedelta(seconds=240)}
    first.refresh_from_db()
    assert first.status == MessageStatus.SENT


@pytest.mark.parametrize("report", [Report.ON_ITS_WAY, Report.ARRIVED])
def test_what_is_on_its_way_or_arrived_moves_nothing(now, chain, report):
    record_report(chain[0], says(report), now=now + LATER)

    assert [row.deliver_after for row in Message.objects.unsent()] == [now + timedelta(seconds=s) for s in (120, 240)]
    assert Delivery.objects.get().report == report


def test_a_report_that_comes_twice_or_late_changes_nothing(now, chain):
    record_report(chain[0], says(Report.FAILED, "busy"), now=now + LATER)
    for late in (says(Report.FAILED), says(Report.ON_ITS_WAY), says(Report.ARRIVED)):
        record_report(chain[0], late, now=now + 2 * LATER)

    assert list(Delivery.objects.values_list("report", "report_detail", "reported_at")) == [
        (Report.FAILED, "busy", now + LATER)
    ]
    assert [row.deliver_after for row in Message.objects.unsent()][1] == now + timedelta(seconds=240)


def test_it_is_noted_at_the_attempt_that_it_names_else_at_the_newest(now):
    message = MessageFactory(sent=True)
    first = DeliveryFactory(message=message, number=1, their_key="SM1")
    second = DeliveryFactory(message=message, number=2, their_key="SM2")

    assert record_report(message, says(Report.ARRIVED, name="SM1"), now=now) == first
    assert record_report(message, says(Report.ON_ITS_WAY, name="SM9"), now=now) == second


def test_of_what_was_never_sent_nothing_is_noted(now):
    assert record_report(MessageFactory(), says(Report.FAILED), now=now) is None


def test_if_the_next_channel_cannot_be_moved_nothing_is_noted(now, chain, monkeypatch):
    monkeypatch.setattr(report_module, "bring_forward", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        record_report(chain[0], says(Report.FAILED), now=now)

    assert Delivery.objects.get().report == ""
