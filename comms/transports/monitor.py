"""The heartbeat to an outside monitor: its address is asked, and that is all."""

import functools
import ssl

import httpx

SECONDS = 5


def send_ping(url: str) -> str:
    """Ask `url` by GET; empty when it was taken (2xx), else why not in a few words, without the address.

    Follows no redirect. Waits five seconds to connect and for each part of the answer. Never raises.
    """
    try:
        with httpx.Client(timeout=SECONDS, follow_redirects=False, verify=_trust()) as client:
            answer = client.get(url, headers={"user-agent": "Muster"})
    except httpx.TimeoutException:
        return f"No answer in {SECONDS} s."
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return f"It cannot be reached ({type(error).__name__})."
    return "" if answer.is_success else f"HTTP {answer.status_code}"


@functools.cache
def _trust() -> ssl.SSLContext:
    """Once a process: reading the authorities takes longer than a ping."""
    return httpx.create_ssl_context()
