"""Why an address cannot be reached, in words."""

import pytest
from django.core.exceptions import ValidationError

from comms.models.address import check_address, refusal_of_address, shown_address
from tests.factories.comms import SubscriptionFactory


@pytest.mark.parametrize(
    ("transport", "address"),
    [
        ("email", "ana@example.org"),
        ("webhook", "https://example.org/hook?x=1"),
        ("webhook", "http://127.0.0.1:8080/"),
        ("apprise", "ntfy://example.org/topic"),
        ("apprise", "json://127.0.0.1:8080/ana"),
        ("sms", "+491701234567"),
        ("voice", "+15005550006"),
        ("gateway", "+491701234567"),
    ],
)
def test_what_can_be_reached_has_no_refusal(transport, address):
    assert refusal_of_address(transport, address) == ""


NOT_MAIL = "“{}” is not a mail address; write it like ana@example.org."
NOT_WEB = "“{}” is not a web address; write it like https://example.org/hook."
NOT_NUMBER = "“{}” is not a phone number; write it with its country, like +491701234567."
NOT_APPRISE = "Apprise does not know this address; write it like ntfy://example.org/topic."


@pytest.mark.parametrize(
    ("transport", "address", "sentence"),
    [
        ("email", "", "The address is empty."),
        ("email", "ana @example.org", "The address has a blank in it."),
        ("email", "ana@example.org\nBcc:x@example.org", "The address has a blank in it."),
        ("email", "x" * 501, "The address is longer than 500 characters."),
        ("email", "ana", NOT_MAIL),
        ("webhook", "example.org", NOT_WEB),
        ("webhook", "ftp://example.org", NOT_WEB),
        ("webhook", "https://", NOT_WEB),
        ("webhook", "http://[::1", NOT_WEB),
        ("webhook", "http://example.org:port/", NOT_WEB),
        ("webhook", "http://example.org:99999/", NOT_WEB),
        ("apprise", "nope://example.org", NOT_APPRISE),
        ("apprise", "mailto://", NOT_APPRISE),
        ("sms", "01701234567", NOT_NUMBER),
        ("voice", "+49170-1234567", NOT_NUMBER),
        ("gateway", "+4917", NOT_NUMBER),
    ],
)
def test_what_cannot_be_reached_says_why(transport, address, sentence):
    assert refusal_of_address(transport, address) == sentence.format(address)


@pytest.mark.parametrize(
    ("transport", "address", "shown"),
    [
        ("email", "ana@example.org", "ana@example.org"),
        ("sms", "+491701234567", "+491701234567"),
        ("slack", "U012AB3CD", "U012AB3CD"),
        ("webhook", "https://user:key@hook.example.org/secret?k=1", "hook.example.org"),
        ("push", "https://push.example.org/v2/secret", "push.example.org"),
        ("apprise", "tgram://token/chat", "tgram"),
        ("webhook", "http://[::1", ""),
        ("apprise", "", ""),
    ],
)
def test_of_an_address_that_may_hold_a_key_nobody_sees_it(transport, address, shown):
    assert shown_address(transport, address) == shown


def test_a_transport_that_is_none_is_left_to_its_own_field():
    check_address("pigeon", "anywhere")


def test_the_sentence_stands_at_the_address():
    with pytest.raises(ValidationError) as refusal:
        SubscriptionFactory.build(address="nowhere").clean()

    assert refusal.value.message_dict == {"address": [NOT_WEB.format("nowhere")]}
