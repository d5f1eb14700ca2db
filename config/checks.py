"""Refuse links that lead nowhere: a page sent to a phone must not say http://127.0.0.1."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register

from comms.enums import Transport
from comms.models import ContactPoint


def is_loopback(address: str) -> bool:
    """Whether `address`, a web address, a host or nothing at all, stays on this machine."""
    host = urlsplit(address if "://" in address else f"//{address}").hostname or "localhost"
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def way_out(email_host: str, addresses: Iterable[str]) -> str | None:
    """What makes the paging real: the mail host or an address that is not on this machine; None when nothing does."""
    if not is_loopback(email_host):
        return f"mail leaves by {email_host}"
    far = next((address for address in addresses if not is_loopback(address)), None)
    return None if far is None else f"somebody is paged at {urlsplit(far).scheme}://{urlsplit(far).hostname}"


def loopback_refusal(url: str, *, email_host: str, addresses: Iterable[str]) -> str | None:
    """The sentence that refuses `url` as MUSTER_URL, or None when it may stand.

    `addresses` are those of contact points other than mail: web addresses and Apprise URLs.
    """
    if not is_loopback(url):
        return None
    way = way_out(email_host, addresses)
    if way is None:
        return None
    return (
        f"MUSTER_URL is {url}, which only this machine can open, but {way}: the links in those messages would lead "
        "nowhere. Set MUSTER_URL to the address that people open in their browsers."
    )


def far_addresses() -> list[str]:
    """The addresses of all enabled contact points that are not mail."""
    points = ContactPoint.objects.filter(is_enabled=True).exclude(transport=Transport.EMAIL)
    return list(points.values_list("address", flat=True))


@register()
def check_muster_url(**options: object) -> list[Error]:
    """The part of the refusal that needs no database; `config.prepare` asks the contact points too."""
    refusal = loopback_refusal(settings.MUSTER_URL, email_host=settings.EMAIL_HOST, addresses=[])
    return [Error(refusal, id="muster.E001")] if refusal else []
