"""What is private reaches nobody who was not let in, and no channel; what waited is frozen, and says why."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import Audience
from comms.actions.message import close_messages, open_messages, queue_message
from comms.enums import MessageKind, MessageStatus, Transport
from comms.models import DiscreetSubject, Message
from comms.transports.envelope import DISCREET, envelope_of
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import MessageFactory, ReachableUserFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db
ABOUT = "incident:INC-1"


def say(now: datetime, to: Any, audience: Audience | None = None) -> Message:
    words = {"kind": MessageKind.NOTICE, "subject": "[SEV1] Logins", "body": "From nowhere", "subject_key": ABOUT}
    (row,) = queue_message(now=now, to=to, dedup_key=f"x:{to}", audience=audience, **words)
    return row


def test_whoever_was_let_in_is_told_and_nobody_else_which_is_on_record(now):
    insider, outsider = ReachableUserFactory(), ReachableUserFactory(handle="otto")
    audience = AudienceFactory(members=[insider])

    rows = [say(now, to, audience) for to in (insider, outsider, SubscriptionFactory(name="incidents"))]

    assert [(row.status, row.not_sent_reason) for row in rows] == [
        (MessageStatus.WAITING, ""),
        (MessageStatus.NOT_SENT, "It is private, and @otto was not let in."),
        (MessageStatus.NOT_SENT, "It is private: the channel incidents is not told."),
    ]


def test_a_machine_that_a_page_rings_gets_no_words(now):
    row = say(now, "https://127.0.0.1/hook", AudienceFactory())

    assert (row.status, row.transport) == (MessageStatus.WAITING, Transport.WEBHOOK)
    assert (envelope_of(row, now).subject, envelope_of(row, now).body) == (DISCREET, "")
    assert envelope_of(say(now, "https://127.0.0.1/other"), now).body == "From nowhere"


def test_closing_freezes_what_goes_outside_and_hides_the_rest(now):
    insider, outsider = ReachableUserFactory(), ReachableUserFactory()
    inside, outside = say(now, insider), say(now, outsider)
    channel, sent = say(now, SubscriptionFactory(name="incidents")), MessageFactory(subject_key=ABOUT, sent=True)
    other = MessageFactory(subject_key="incident:INC-2", user=UserFactory())
    audience = AudienceFactory(members=[insider])

    assert close_messages(now=now, subject_key=ABOUT, audience=audience, reason="It became private.") == 2

    shown = {row.pk: (row.status, row.not_sent_reason, row.audience) for row in Message.objects.all()}
    assert shown == {
        inside.pk: (MessageStatus.WAITING, "", audience),
        outside.pk: (MessageStatus.NOT_SENT, "It became private.", audience),
        channel.pk: (MessageStatus.NOT_SENT, "It became private.", audience),
        sent.pk: (MessageStatus.SENT, "", audience),
        other.pk: (MessageStatus.WAITING, "", None),
    }
    inside.refresh_from_db()
    assert inside.is_discreet

    open_messages(subject_key=ABOUT)
    inside.refresh_from_db()
    outside.refresh_from_db()
    assert (inside.audience, inside.is_discreet, outside.status) == (None, False, MessageStatus.NOT_SENT)
    assert not DiscreetSubject.objects.exists()


def test_what_is_about_it_among_others_is_stripped_for_who_was_let_in_and_empty_for_others(now):
    insider, outsider = ReachableUserFactory(), ReachableUserFactory()
    both = {"about": ["incident:INC-2", ABOUT]}
    inside, outside = (MessageFactory(user=one, facts=both, body="From nowhere") for one in (insider, outsider))
    sent = MessageFactory(user=outsider, facts=both, body="From nowhere", sent=True)
    other = MessageFactory(user=outsider, facts={"about": ["incident:INC-2"]}, body="From nowhere")

    close_messages(now=now, subject_key=ABOUT, audience=AudienceFactory(members=[insider]), reason="Private.")

    rows = {row.pk: (row.status, row.is_discreet, row.body) for row in Message.objects.all()}
    assert rows == {
        inside.pk: (MessageStatus.WAITING, True, "From nowhere"),
        outside.pk: (MessageStatus.WAITING, True, ""),
        sent.pk: (MessageStatus.SENT, False, "From nowhere"),
        other.pk: (MessageStatus.WAITING, False, "From nowhere"),
    }


def test_what_is_about_something_private_among_others_is_read_by_its_person_alone(now):
    reader, other = UserFactory(), UserFactory()
    both = MessageFactory(user=reader, facts={"about": ["incident:INC-2", ABOUT]})
    plain = [MessageFactory(facts={}), MessageFactory(facts={"about": ["incident:INC-2"]})]
    assert {*Message.objects.visible_to(other)} == {both, *plain}

    close_messages(now=now, subject_key=ABOUT, audience=AudienceFactory(members=[reader]), reason="Private.")

    assert {*Message.objects.visible_to(other)} == {*plain}
    assert {*Message.objects.visible_to(reader)} == {both, *plain}
    open_messages(subject_key=ABOUT)
    assert {*Message.objects.visible_to(other)} == {both, *plain}


def test_a_bundle_that_speaks_of_it_loses_its_words_and_one_that_says_nothing_more_is_not_sent(now):
    insider, outsider = ReachableUserFactory(), ReachableUserFactory()
    about = {"about": [ABOUT]}
    bundles = [MessageFactory(dedup_key=f"bundle:{one.pk}", user=one, facts=about) for one in (insider, outsider)]
    for bundle in bundles:
        MessageFactory(subject_key=ABOUT, user=bundle.user, not_sent_reason="told together", status="not_sent")
        Message.objects.filter(subject_key=ABOUT, user=bundle.user).update(bundled_into=bundle)
    audience = AudienceFactory(members=[insider])

    close_messages(now=now, subject_key=ABOUT, audience=audience, reason="It became private.")

    for bundle in bundles:
        bundle.refresh_from_db()
    assert [(row.status, row.is_discreet) for row in bundles] == [
        (MessageStatus.WAITING, True),
        (MessageStatus.NOT_SENT, True),
    ]
