"""Fetch a calendar from an address that somebody typed: bounded in time and size, and never from inside the house.

An address may lead, by its name or by a redirect, to this machine or its network, where services trust whoever asks.
So each name is resolved here, every address behind it is checked, and the one that was checked is the one asked.
"""

import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx
from django.conf import settings

MOST_BYTES, MOST_SECONDS, MOST_REDIRECTS = 5_000_000, 8.0, 3
REDIRECTS = {301, 302, 303, 307, 308}
UNREACHED = "It could not be reached ({})."
DISTRUSTED = "Its certificate is refused: nobody we trust vouches for it, it has expired, or it is for another name."


class FetchFailed(Exception):
    """It could not be fetched; `str()` is a sentence that says why, without the address, which is a secret."""


@dataclass(frozen=True)
class Fetched:
    """What came. `text` is None when it is still what `etag` and `last_modified` stand for."""

    text: str | None
    etag: str
    last_modified: str


def fetch_calendar(url: str, *, etag: str = "", last_modified: str = "") -> Fetched:
    """Ask for `url`, unless it is still the same. Takes eight seconds and five million bytes at most.

    Raises FetchFailed.
    """
    deadline = time.monotonic() + MOST_SECONDS
    known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    try:
        for _ in range(MOST_REDIRECTS + 1):
            answer = _ask(url, {name: value for name, value in known.items() if value}, deadline)
            if answer.status_code not in REDIRECTS:
                return _read(answer, etag, last_modified)
            url = urljoin(url, answer.headers.get("location", ""))
    except httpx.TimeoutException as error:
        raise FetchFailed("It did not answer in time.") from error
    except httpx.ConnectError as error:
        raise FetchFailed(DISTRUSTED if _is_distrusted(error) else UNREACHED.format("ConnectError")) from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchFailed(UNREACHED.format(type(error).__name__)) from error
    raise FetchFailed("It sends from one address to the next without end.")


def check_address(url: str) -> str:
    """The numeric address to ask for `url`.

    Raises FetchFailed for one that is not to be asked, ValueError for what is none.
    """
    parts = urlsplit(url)
    private = settings.CALENDAR_FROM_PRIVATE
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise FetchFailed("Only an https address is fetched.")
    if not parts.hostname or parts.username:
        raise FetchFailed("This is no address of a calendar.")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise FetchFailed("No machine has this name.") from error
    numbers = [str(each[4][0]) for each in found]
    if not private and not all(is_public(number) for number in numbers):
        raise FetchFailed("It is an address inside of a private network, which is not fetched.")
    return numbers[0]


def is_public(number: str) -> bool:
    """Whether `number`, a numeric address, is one of the open net and of no network of its own."""
    address = ipaddress.ip_address(number.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_global and not address.is_multicast


def _ask(url: str, headers: dict[str, str], deadline: float) -> httpx.Response:
    number, parts = check_address(url), urlsplit(url)
    host = f"[{number}]" if ":" in number else number
    target = parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host, fragment="").geturl()
    headers = {"Host": parts.netloc, "Accept": "text/calendar, */*;q=0.1", "User-Agent": "Muster", **headers}
    limits = httpx.Timeout(max(0.1, deadline - time.monotonic()))
    named = {"sni_hostname": parts.hostname}
    with (
        httpx.Client(timeout=limits, follow_redirects=False, trust_env=False) as client,
        client.stream("GET", target, headers=headers, extensions=named) as answer,
    ):
        body = bytearray()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise FetchFailed(f"It is longer than {MOST_BYTES // 1_000_000} million bytes.")
            if time.monotonic() > deadline:
                raise FetchFailed("It did not answer in time.")
        return httpx.Response(answer.status_code, headers=_plain(answer.headers), content=bytes(body))


def _is_distrusted(error: BaseException | None) -> bool:
    """Whether a connection failed because of the certificate; httpx says so only by what caused its own error."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """What is asked of them later; the body is unpacked already."""
    return {name: headers[name] for name in ("etag", "last-modified", "location", "content-type") if name in headers}


def _read(answer: httpx.Response, etag: str, last_modified: str) -> Fetched:
    if answer.status_code == 304:
        return Fetched(None, etag, last_modified)
    if answer.status_code != 200:
        raise FetchFailed(f"It answered with {answer.status_code}.")
    text = answer.content.decode("utf-8", errors="replace").replace("\0", "")
    return Fetched(text, answer.headers.get("etag", "")[:200], answer.headers.get("last-modified", "")[:64])
