"""Refuse links that lead nowhere: a page sent to a phone must not say http://127.0.0.1."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register

from comms.enums import PHONES, Transport
from comms.models import ContactPoint
from comms.transports.base import PermanentFailure
from comms.transports.gateway import read_headers

# What config/settings.py signs with when nobody says anything else.
KNOWN_KEY = "only-for-tests-and-loopback"


def is_loopback(address: str) -> bool:
    """Whether `address`, a web address, a host or nothing at all, stays on this machine."""
    host = urlsplit(address if "://" in address else f"//{address}").hostname or "localhost"
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def way_out(email_host: str, addresses: Iterable[str], phones: Iterable[str]) -> str | None:
    """What makes the paging real: the mail host or an address that is not on this machine; None when nothing does."""
    if not is_loopback(email_host):
        return f"mail leaves by {email_host}"
    provider = next((address for address in phones if not is_loopback(address)), None)
    if provider is not None:
        return f"phones are reached by {urlsplit(provider).hostname}"
    far = next((address for address in addresses if not is_loopback(address)), None)
    return None if far is None else f"somebody is paged at {urlsplit(far).scheme}://{urlsplit(far).hostname}"


def loopback_refusal(url: str, *, email_host: str, addresses: Iterable[str], phones: Iterable[str] = ()) -> str | None:
    """The sentence that refuses `url` as MUSTER_URL, or None when it may stand.

    `addresses` are those of contact points that are web addresses or Apprise URLs; `phones` those of the providers
    that send SMS and call.
    """
    if not is_loopback(url):
        return None
    way = way_out(email_host, addresses, phones)
    if way is None:
        return None
    return (
        f"MUSTER_URL is {url}, which only this machine can open, but {way}: the links in those messages would lead "
        "nowhere. Set MUSTER_URL to the address that people open in their browsers."
    )


def known_key_refusal(url: str, key: str) -> str | None:
    """The sentence that refuses to sign with the key that stands in the source, or None when `key` may stand."""
    if key != KNOWN_KEY or is_loopback(url):
        return None
    return (
        f"MUSTER_SECRET_KEY is not set, and Muster is meant to be opened from elsewhere ({url}): everybody could sign "
        "in as anybody with the key that stands in the source. Set it to a long random text, and keep it."
    )


def far_addresses() -> list[str]:
    """The addresses of all enabled contact points that are neither mail nor a phone number."""
    points = ContactPoint.objects.filter(is_enabled=True).exclude(transport__in=[Transport.EMAIL, *PHONES])
    return list(points.values_list("address", flat=True))


def phone_providers() -> list[str]:
    """Where SMS and calls leave, as the settings say."""
    twilio = settings.TWILIO_API_URL if settings.TWILIO_ACCOUNT_SID else ""
    return [address for address in (twilio, settings.SMS_GATEWAY_URL) if address]


def gateway_refusal() -> str | None:
    """The sentence that refuses the headers of the SMS gateway, or None when they can be sent."""
    try:
        read_headers(settings.SMS_GATEWAY_HEADERS)
    except PermanentFailure as refusal:
        return str(refusal)
    return None


@register()
def check_address_and_key(**options: object) -> list[Error]:
    """The part of the refusals that needs no database; `manage.py prepare` asks the contact points too."""
    refusals = {
        "muster.E001": loopback_refusal(
            settings.MUSTER_URL, email_host=settings.EMAIL_HOST, addresses=[], phones=phone_providers()
        ),
        "muster.E002": known_key_refusal(settings.MUSTER_URL, settings.SECRET_KEY),
        "muster.E003": gateway_refusal(),
    }
    return [Error(refusal, id=name) for name, refusal in refusals.items() if refusal]
