"""The admin's doors to addresses lead to the actions; the outbox is only read."""

import pytest
from django.urls import reverse

from comms.enums import MessageKind
from comms.models import ContactPoint, ContactRule, Message, Subscription
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import (
    ContactPointFactory,
    ContactRuleFactory,
    DeliveryFactory,
    FailedReceiverFactory,
    MessageFactory,
    SubscriptionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    admin = UserFactory(admin=True)
    client.force_login(admin)
    return admin


def contact(user, **changes):
    fields = {"user": user.pk, "transport": "email", "is_enabled": "on"}
    return {**fields, "address": "ana@example.org", **changes}


@pytest.mark.parametrize("name", ["contactpoint", "contactrule", "subscription"])
def test_an_admin_opens_every_list_and_form(client, admin, name):
    ContactRuleFactory()
    SubscriptionFactory()

    pages = [client.get(reverse(f"admin:comms_{name}_{page}")) for page in ("changelist", "add")]

    assert [page.status_code for page in pages] == [200, 200]


def test_a_contact_point_is_kept(client, admin):
    client.post(reverse("admin:comms_contactpoint_add"), contact(admin))

    point = ContactPoint.objects.get()
    assert (point.user, point.address, point.transport) == (admin, "ana@example.org", "email")


@pytest.mark.parametrize(
    ("transport", "address", "sentence"),
    [
        ("email", "ana", "“ana” is not a mail address; write it like ana@example.org."),
        ("webhook", "ftp://x", "“ftp://x” is not a web address; write it like https://example.org/hook."),
        ("apprise", "nope://x", "Apprise does not know this address; write it like ntfy://example.org/topic."),
    ],
)
def test_an_address_that_cannot_be_reached_is_said_and_not_kept(client, admin, transport, address, sentence):
    answer = client.post(reverse("admin:comms_contactpoint_add"), contact(admin, transport=transport, address=address))

    assert answer.context["adminform"].errors == {"address": [sentence]}
    assert ContactPoint.objects.count() == 0


def test_a_changed_address_is_not_verified_any_more(client, admin):
    point = ContactPointFactory(user=admin, verified_at=NOW)

    client.post(reverse("admin:comms_contactpoint_change", args=[point.pk]), contact(admin, address="b@example.org"))

    point.refresh_from_db()
    assert point.address == "b@example.org"
    assert point.verified_at is None


def test_a_rule_is_kept_and_taken_away(client, admin):
    point = ContactPointFactory(user=UserFactory(handle="ana"))
    fields = {"contact_point": point.pk, "chain": "urgent", "after_seconds": 1800}

    client.post(reverse("admin:comms_contactrule_add"), fields)

    rule = ContactRule.objects.get()
    assert str(rule) == "@ana by Email (ana@example.org) in the urgent chain after 1800 s"
    again = client.post(reverse("admin:comms_contactrule_add"), fields)
    assert (again.status_code, ContactRule.objects.count()) == (200, 1)
    client.post(reverse("admin:comms_contactrule_delete", args=[rule.pk]), {"post": "yes"})
    assert ContactRule.objects.count() == 0


def test_a_channel_is_kept_with_its_kinds_and_never_deleted(client, admin):
    client.post(
        reverse("admin:comms_subscription_add"),
        {"name": "incidents", "transport": "webhook", "address": "https://example.org/h", "kinds": ["thread", "page"]},
    )

    channel = Subscription.objects.get()
    assert (channel.kinds, channel.is_enabled) == ([MessageKind.THREAD, MessageKind.PAGE], False)
    address = reverse("admin:comms_subscription_delete", args=[channel.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403


def test_the_outbox_is_read_with_its_attempts_and_cannot_be_changed(client, admin):
    message = MessageFactory(not_sent=True)
    DeliveryFactory(message=message, detail="HTTP 410: gone")

    listed = client.get(reverse("admin:comms_message_changelist")).content.decode()
    shown = client.get(reverse("admin:comms_message_change", args=[message.pk]))

    assert "Nobody wanted it." in listed
    assert "HTTP 410: gone" in shown.content.decode()
    changed = client.post(reverse("admin:comms_message_change", args=[message.pk]), {"subject": "x"})
    assert (changed.status_code, client.get(reverse("admin:comms_message_add")).status_code) == (403, 403)
    assert Message.objects.get().subject == "[SEV2] Pipeline blocks spiking"


def test_a_private_message_is_not_shown_to_an_admin_who_was_not_let_in(client, admin):
    hidden = MessageFactory(subject="Breach of the vault", audience=AudienceFactory(members=[UserFactory()]))
    mine = MessageFactory(subject="Open to root", audience=AudienceFactory(members=[admin]))

    listed = client.get(reverse("admin:comms_message_changelist")).content.decode()

    assert ("Breach of the vault" in listed, mine.subject in listed) == (False, True)
    assert client.get(reverse("admin:comms_message_change", args=[hidden.pk])).status_code == 302


def test_the_key_with_which_somebody_answers_their_page_is_shown_to_no_admin(client, admin):
    message = MessageFactory(link="http://muster.example/a/abcd-7.signature/")

    answer = client.get(f"/admin/comms/message/{message.pk}/change/")

    assert (answer.status_code, b"signature" in answer.content) == (200, False)


def test_what_should_have_followed_is_read_tried_again_now_or_dropped(client, admin, now, time_machine):
    time_machine.move_to(now, tick=False)
    kept, seen_to = FailedReceiverFactory.create_batch(2)
    listed = reverse("admin:comms_failedreceiver_changelist")

    assert "ValueError: no" in client.get(listed).content.decode()
    client.post(listed, {"action": "try_again", "_selected_action": [kept.pk]})
    client.post(listed, {"action": "drop", "_selected_action": [seen_to.pk]})
    again = client.post(listed, {"action": "drop", "_selected_action": [seen_to.pk]}, follow=True)

    kept.refresh_from_db()
    seen_to.refresh_from_db()
    assert (kept.wake_at, seen_to.wake_at, seen_to.dropped_by) == (now, None, admin)
    assert "This is tried no more: it was done, or dropped." in again.content.decode()
    assert client.get(reverse("admin:comms_failedreceiver_add")).status_code == 403
