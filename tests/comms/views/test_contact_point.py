"""A person says in the browser how they are reached, proves it, and sees what is wrong with it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from comms.actions.delivery import deliver_due
from comms.enums import Transport, Urgency
from comms.links import sign_proof
from comms.models import ContactPoint, ContactRule, Message, ReachProof
from tests.factories.accounts import UserFactory
from tests.factories.comms import (
    ContactCodeFactory,
    ContactPointFactory,
    ContactRuleFactory,
    ReachProofFactory,
)

pytestmark = pytest.mark.django_db

HOME = "/people/ana/reach/"


@pytest.fixture
def ana(client):
    ana = UserFactory(handle="ana", name="Ana Sousa")
    client.force_login(ana)
    return ana


def words(answer):
    """What a person reads, in one line."""
    text = re.sub(r"<(script|style).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def press(client, door, *args, **fields):
    return words(client.post(reverse(f"comms:{door}", args=["ana", *args]), fields, follow=True))


def test_the_chain_is_a_timeline_in_words_with_what_is_not_verified(client, ana):
    ContactRuleFactory(contact_point__user=ana)
    phone = ContactPointFactory(user=ana, transport=Transport.VOICE, address="+491701234567", verified_at=None)
    ContactRuleFactory(contact_point=phone, after_seconds=120)

    said = words(client.get(HOME))

    assert "When it is urgent own order At once Email (ana@example.org)" in said
    assert "Passed over: Call (+491701234567) is not verified." in said
    assert "When it can wait standard order At once Email (ana@example.org)" in said


def test_it_warns_when_nothing_is_verified_when_one_channel_carries_all_and_when_nothing_is_proven(client, ana):
    ContactPointFactory(user=ana, verified_at=None)

    said = words(client.get(HOME))

    assert "No contact point is verified. These are used only because there is no other." in said
    assert "Everything depends on one channel: Email." in said
    assert "No test page was confirmed in the last 30 days." in said
    assert "Email (ana@example.org) not verified" in said


def test_it_says_when_nothing_reaches_somebody(client, ana):
    assert "Nothing reaches this person: no contact point is switched on." in words(client.get(HOME))


def test_the_page_asks_as_much_for_three_addresses_as_for_one(client, ana, django_assert_num_queries):
    ContactRuleFactory(contact_point__user=ana)
    ReachProofFactory(contact_point__user=ana)
    with django_assert_num_queries(7) as one:
        client.get(HOME)
    for number in (2, 3):
        point = ContactPointFactory(user=ana, address=f"{number}@example.org", verified_at=None)
        ContactRuleFactory(contact_point=point)
        ContactCodeFactory(contact_point=point)

    with django_assert_num_queries(len(one)):
        client.get(HOME)


def test_an_address_is_added_and_a_wrong_one_is_said_at_its_field(client, ana):
    added = press(client, "contact-point-add", transport="sms", address="+491701234567", label="work phone")
    wrong = client.post(f"{HOME}add/", {"transport": "sms", "address": "0170", "label": ""})

    assert "until then it is used only where there is no other" in added
    assert "SMS work phone · +491701234567 not verified" in added
    assert wrong.status_code == 422
    assert "“0170” is not a phone number; write it with its country" in words(wrong)
    assert [(point.address, point.verified_at) for point in ContactPoint.objects.all()] == [("+491701234567", None)]


def test_a_code_is_sent_typed_wrong_typed_right(client, ana, mailoutbox):
    point = ContactPointFactory(user=ana, verified_at=None)

    sent = press(client, "contact-point-code", point.pk)
    deliver_due(now=Message.objects.get().deliver_after)
    code = re.match(r"\d{3} \d{3}", mailoutbox[0].body)[0]
    wrong = press(client, "contact-point-verify", point.pk, code="000000" if code != "000 000" else "111111")
    none = press(client, "contact-point-verify", point.pk, code="abc")
    right = press(client, "contact-point-verify", point.pk, code=code)

    assert "A code is on its way to Email (ana@example.org). Type it below within 15 minutes." in sent
    assert "That is not the code. You may try 4 times more." in wrong
    assert "A code has six digits, like 123 456." in none
    assert "Email (ana@example.org) is verified." in right
    assert "✓ verified" in right


def test_another_address_has_to_be_verified_anew(client, ana):
    point = ContactPointFactory(user=ana)

    said = press(client, "contact-point-change", point.pk, address="new@example.org", label="")

    assert "new@example.org not verified" in said
    assert "is not a mail address" in press(client, "contact-point-change", point.pk, address="new", label="")
    assert ContactPoint.objects.get().address == "new@example.org"


def test_an_address_is_switched_off_and_on(client, ana):
    point = ContactPointFactory(user=ana)

    off = press(client, "contact-point-switch", point.pk, to="off")
    on = press(client, "contact-point-switch", point.pk, to="on")

    assert "is switched off." in off
    assert "Nothing reaches this person" in off
    assert "is switched on." in on
    assert "Nothing reaches this person" not in on


def test_the_standard_order_becomes_ones_own_and_is_changed_line_by_line(client, ana):
    mail = ContactPointFactory(user=ana)
    phone = ContactPointFactory(user=ana, transport=Transport.VOICE, address="+491701234567")

    press(client, "contact-rule-adopt", "urgent")
    press(client, "contact-rule-adopt", "urgent")
    press(client, "contact-rule-add", chain="urgent", contact_point=mail.pk, after_seconds=1800)
    twice = press(client, "contact-rule-add", chain="urgent", contact_point=mail.pk, after_seconds=1800)
    rule = ContactRule.objects.get(contact_point=phone)
    said = press(client, "contact-rule-remove", rule.pk)

    assert "already exists" in twice
    assert "own order At once Email (ana@example.org) After 30 min Email (ana@example.org)" in said
    kept = ContactRule.objects.values_list("contact_point", "chain", "after_seconds")
    assert list(kept) == [(mail.pk, Urgency.URGENT, 0), (mail.pk, Urgency.URGENT, 1800)]


def test_nobody_puts_anothers_address_into_their_own_chain(client, ana):
    other = ContactPointFactory()

    press(client, "contact-rule-add", chain="urgent", contact_point=other.pk, after_seconds=0)

    assert ContactRule.objects.count() == 0


def test_page_me_now_is_handed_over_confirmed_by_link_without_a_sign_in_and_dated(client, ana, mailoutbox):
    ContactPointFactory(user=ana)

    paged = press(client, "proof-start")
    again = press(client, "proof-start")
    deliver_due(now=Message.objects.get().deliver_after)
    waits = words(client.get(HOME))
    link = mailoutbox[0].body.split()[-1].replace("http://127.0.0.1:8000", "")
    client.logout()
    looked, unpressed = client.get(link), client.post(link, {})
    before = ReachProof.objects.get().confirmed_at
    pressed = words(client.post(link, {"answer": "reached"}, follow=True))

    assert "Test pages are on their way" in paged
    assert "A test page has just left. Wait a minute, then page again." in again
    assert "A test page was handed over at" in waits
    assert (looked.status_code, looked["Referrer-Policy"], unpressed.status_code, before) == (
        200,
        "no-referrer",
        200,
        None,
    )
    assert "Email reaches @ana." in pressed
    assert ReachProof.objects.get().confirmed_at is not None


def test_the_code_of_a_test_page_confirms_it_where_no_link_can_be_opened(client, ana):
    ContactPointFactory(user=ana)
    press(client, "proof-start")
    proof = ReachProof.objects.get()

    said = press(client, "proof-code", code=proof.code)

    assert "Confirmed: this channel reaches its person." in said
    assert "Last proven" in said


def test_a_forged_or_old_link_says_so_and_confirms_nothing(client):
    proof = ReachProofFactory()

    forged = client.get("/reached/1.forged/")
    with time_machine.travel(proof.sent_at + timedelta(hours=24), tick=False):
        old = client.post(reverse("comms:proof-confirm", args=[sign_proof(proof)]), {"answer": "reached"})

    assert (forged.status_code, old.status_code) == (410, 410)
    assert "This link is not complete." in words(forged)
    assert "This link has ended, 24 hours after its test page." in words(old)
    assert ReachProof.objects.get().confirmed_at is None


@pytest.mark.parametrize("door", ["contact-point-add", "proof-start", "proof-code", "contact-rule-add"])
def test_others_are_not_let_in_and_an_admin_is(client, door):
    ContactPointFactory(user=UserFactory(handle="ana"))
    client.force_login(UserFactory())

    assert (client.get(HOME).status_code, client.post(reverse(f"comms:{door}", args=["ana"])).status_code) == (
        403,
        403,
    )
    client.force_login(UserFactory(admin=True))
    assert "How Ana is reached" in words(client.get(HOME))
    assert Message.objects.count() == 0
