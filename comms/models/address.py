"""What an address must look like on each transport, said in sentences a person understands."""

import re
from urllib.parse import urlsplit

import apprise
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.models.user import PHONE
from comms.enums import Transport

SIZE = 500
# Their path or query may hold a key, so only the host is ever shown; of an Apprise URL, where the host may be the key
# itself (tgram://token/chat), only the service.
SECRET_BEYOND_HOST = {Transport.WEBHOOK, Transport.PUSH}
SLACK_ID = re.compile(r"^[UWCDG][A-Z0-9]{5,20}\Z")


def refusal_of_address(transport: str, address: str) -> str:
    """Why `address` cannot be reached by `transport`, as a whole sentence; empty when it can."""
    if not address.strip():
        return "The address is empty."
    if len(address) > SIZE:
        return f"The address is longer than {SIZE} characters."
    if any(character.isspace() for character in address):
        return "The address has a blank in it."
    return {
        Transport.EMAIL: _refusal_of_mail,
        Transport.WEBHOOK: _refusal_of_url,
        Transport.APPRISE: _refusal_of_apprise,
        Transport.SMS: _refusal_of_number,
        Transport.VOICE: _refusal_of_number,
        Transport.GATEWAY: _refusal_of_number,
        Transport.PUSH: _refusal_of_url,
        Transport.SLACK: _refusal_of_slack,
    }[Transport(transport)](address)


def shown_address(transport: str, address: str) -> str:
    """As much of `address` as everybody may see; nothing of one that cannot be read."""
    if transport != Transport.APPRISE and transport not in SECRET_BEYOND_HOST:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.scheme if transport == Transport.APPRISE else parts.hostname or ""


def check_address(transport: str, address: str) -> None:
    """Raise ValidationError, at the field `address`, for one that cannot be reached by `transport`."""
    if transport in Transport.values and (sentence := refusal_of_address(transport, address)):
        raise ValidationError({"address": sentence})


def _refusal_of_mail(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        return f"“{address}” is not a mail address; write it like ana@example.org."
    return ""


def _refusal_of_url(address: str) -> str:
    sentence = f"“{address}” is not a web address; write it like https://example.org/hook."
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - reading it tells whether it is a number
    except ValueError:
        return sentence
    return "" if parts.scheme in {"http", "https"} and parts.hostname else sentence


def _refusal_of_slack(address: str) -> str:
    if SLACK_ID.match(address):
        return ""
    return (
        f"“{address}” is no id of Slack; it is written like U024BE7LH: open the profile there, then “Copy member ID”."
    )


def _refusal_of_apprise(address: str) -> str:
    if apprise.Apprise.instantiate(address, suppress_exceptions=True) is None:
        return "Apprise does not know this address; write it like ntfy://example.org/topic."
    return ""


def _refusal_of_number(address: str) -> str:
    try:
        PHONE(address)
    except ValidationError:
        return f"“{address}” is not a phone number; write it with its country, like +491701234567."
    return ""
