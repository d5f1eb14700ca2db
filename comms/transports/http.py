"""One request to another web server, and what its answer means for a message; for all that speak HTTP."""

import functools
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from comms.transports.base import ANSWER_TIMEOUT, CONNECT_TIMEOUT, PermanentFailure, TemporaryFailure

# "Not now" among the answers 4xx: request timeout, too early, too many requests.
TEMPORARY = {408, 425, 429}
# A wrong key, or an account that was suspended: until somebody mends it, the person's other channels go on.
ACCOUNT = {401, 403}


@contextmanager
def exchange(method: str, address: str, **how: Any) -> Iterator[httpx.Response]:
    """Ask once, follow no redirect, and give the answer with its body unread. `how` is what httpx calls it.

    Raises PermanentFailure for an address that is none, TemporaryFailure when nobody answers in time.
    """
    timeout = httpx.Timeout(ANSWER_TIMEOUT, connect=CONNECT_TIMEOUT)
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False, verify=_trust()) as client,
            client.stream(method, address, **how) as answer,
        ):
            yield answer
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
        raise PermanentFailure(f"The address is none: {error}") from error
    except httpx.TimeoutException as error:
        raise TemporaryFailure(f"No answer in time ({type(error).__name__}).") from error
    except httpx.HTTPError as error:
        raise TemporaryFailure(f"It cannot be reached: {str(error) or type(error).__name__}") from error


def refusal_of(
    answer: httpx.Response, said: str, *, ours: Collection[int] = ()
) -> TemporaryFailure | PermanentFailure:
    """What an answer that is no success means, in the words `said`: 408, 425, 429 and 5xx may pass later.

    So may those of `ours`, which refuse our account and not the message: that can be mended.
    """
    if may_pass_later(answer.status_code) or answer.status_code in ours:
        return TemporaryFailure(said, retry_after=seconds_of(answer.headers.get("retry-after")))
    return PermanentFailure(said)


def may_pass_later(status: int) -> bool:
    """Whether an answer with this status says “not now” rather than “never”."""
    return status in TEMPORARY or status >= 500


def seconds_of(retry_after: str | None) -> int:
    """The wish of the other side in seconds; 0 for none, and for one that names a date."""
    return int(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else 0


def first_words(answer: httpx.Response) -> str:
    """`: ` and the first words of an answer; nothing when they do not come."""
    try:
        first = next(answer.iter_bytes(200), b"")
    except httpx.HTTPError:
        return ""
    return f": {first.decode(errors='replace')}" if first else ""


@functools.cache
def _trust() -> ssl.SSLContext:
    """Reading the authorities takes longer than a whole post: once a process."""
    return httpx.create_ssl_context()
