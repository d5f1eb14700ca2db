"""Addresses of people, standing channels, the outbox and its attempts."""

from datetime import datetime, timedelta

import factory

from comms.enums import DeliveryOutcome, EnginePart, MessageKind, MessageStatus, Transport, Urgency
from comms.models import (
    AwakeSpan,
    ContactCode,
    ContactPoint,
    ContactRule,
    Delivery,
    DiscreetSubject,
    EngineReport,
    EngineTick,
    FailedReceiver,
    Message,
    OutsideMonitor,
    ReachProof,
    Subscription,
)
from comms.models.code import hash_of
from core.queue import sweeps
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.rows import RowFactory


class ContactPointFactory(RowFactory[ContactPoint]):
    """The verified mail address of a person; the one that they have, if they do. Without rules it is tried at once."""

    class Meta:
        model = ContactPoint
        django_get_or_create = ("user", "transport", "address")

    user = factory.SubFactory(UserFactory)
    transport = Transport.EMAIL
    address = factory.LazyAttribute(lambda point: point.user.email or f"{point.user.handle}@example.org")
    verified_at = NOW


class ContactRuleFactory(RowFactory[ContactRule]):
    """Tries a contact point at once when it is urgent; `contact_point__user=ana` and the like say which."""

    class Meta:
        model = ContactRule

    contact_point = factory.SubFactory(ContactPointFactory)
    chain = Urgency.URGENT
    after_seconds = 0


class ContactCodeFactory(RowFactory[ContactCode]):
    """123456 has just been sent to a contact point that nobody has verified."""

    class Meta:
        model = ContactCode

    contact_point = factory.SubFactory(ContactPointFactory, verified_at=None)
    code_hash = factory.LazyAttribute(lambda sent: hash_of(sent.contact_point.pk, "123456"))
    sent_at = NOW


class DiscreetSubjectFactory(RowFactory[DiscreetSubject]):
    """Some incident of which phones say nothing."""

    class Meta:
        model = DiscreetSubject

    subject_key = factory.Sequence(lambda number: f"incident:{number}")
    marked_at = NOW


class ReachProofFactory(RowFactory[ReachProof]):
    """A test page that a person has just asked for themselves and that has not left yet."""

    class Meta:
        model = ReachProof

    contact_point = factory.SubFactory(ContactPointFactory)
    asked_by = factory.SelfAttribute("contact_point.user")
    sent_at = NOW


class ReachableUserFactory(UserFactory):
    """A responder with one mail address, verified and tried at once by the standard chains."""

    contact_point = factory.RelatedFactory(ContactPointFactory, factory_related_name="user")


class SubscriptionFactory(RowFactory[Subscription]):
    """A standing channel behind a webhook on this machine that takes everything."""

    class Meta:
        model = Subscription

    name = factory.Sequence(lambda number: f"channel-{number}")
    transport = Transport.WEBHOOK
    address = "http://127.0.0.1:9/hook"
    kinds = factory.LazyFunction(lambda: list(MessageKind.values))


class MessageFactory(RowFactory[Message]):
    """A notice that waits in the outbox for one person's mail; `sent=True` or `not_sent=True` for how it ended."""

    class Meta:
        model = Message

    class Params:
        sent = factory.Trait(status=MessageStatus.SENT, sent_at=NOW, attempts=1)
        not_sent = factory.Trait(status=MessageStatus.NOT_SENT, not_sent_reason="Nobody wanted it.")

    dedup_key = factory.Sequence(lambda number: f"test:{number}")
    series = factory.SelfAttribute("dedup_key")
    kind = MessageKind.NOTICE
    user = factory.SubFactory(UserFactory)
    contact_point = factory.SubFactory(ContactPointFactory, user=factory.SelfAttribute("..user"))
    transport = factory.SelfAttribute("contact_point.transport")
    address = factory.SelfAttribute("contact_point.address")
    subject = "[SEV2] Pipeline blocks spiking"
    created_at = NOW
    deliver_after = factory.SelfAttribute("created_at")


class DeliveryFactory(RowFactory[Delivery]):
    """A first attempt that was handed over; `running=True` for one in the middle."""

    class Meta:
        model = Delivery

    class Params:
        running = factory.Trait(outcome=DeliveryOutcome.RUNNING, ended_at=None)

    message = factory.SubFactory(MessageFactory)
    number = 1
    transport = factory.SelfAttribute("message.transport")
    started_at = NOW
    ended_at = NOW
    outcome = DeliveryOutcome.HANDED_OVER


class AwakeSpanFactory(RowFactory[AwakeSpan]):
    """Awake for two hours from NOW on."""

    class Meta:
        model = AwakeSpan

    user = factory.SubFactory(UserFactory)
    starts_at = NOW
    ends_at = factory.LazyAttribute(lambda span: span.starts_at + timedelta(hours=2))


class EngineTickFactory(RowFactory[EngineTick]):
    """A sweep that ran just now."""

    class Meta:
        model = EngineTick

    sweep = factory.Sequence(lambda number: f"test.sweep_{number}")
    ticked_at = NOW


class EngineReportFactory(RowFactory[EngineReport]):
    """Beat or the worker, in turn: it began just now, and lives."""

    class Meta:
        model = EngineReport

    part = factory.Iterator(EnginePart)
    began_at = NOW
    reported_at = NOW


class OutsideMonitorFactory(RowFactory[OutsideMonitor]):
    """A monitor that takes what it gets."""

    class Meta:
        model = OutsideMonitor

    host = factory.Sequence(lambda number: f"https://monitor-{number}.example.org")
    taken_at = NOW


class FailedReceiverFactory(RowFactory[FailedReceiver]):
    """A receiver of the record that failed once and is tried again in five seconds."""

    class Meta:
        model = FailedReceiver

    name = "escalation.signals.page_exhausted"
    receiver = "incidents.receivers.on_page_exhausted"
    sender = "escalation.Page"
    error = "ValueError: no"
    failed_at = NOW
    wake_at = NOW + timedelta(seconds=5)


def make_engine(at: datetime = NOW) -> None:
    """An engine all of whose parts have shown at `at` that they live, whatever they showed before."""
    EngineReport.objects.all().delete()
    EngineTick.objects.all().delete()
    for part in EnginePart:
        EngineReportFactory(part=part, began_at=at, reported_at=at)
    for sweep in sweeps():
        EngineTickFactory(sweep=sweep, ticked_at=at)
