"""What every test stands on: sockets that reach this machine only, one moment called now, one browser."""

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import HealthCheck, settings

from tests.chromium import find_chromium
from tests.factories import NOW

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What takes longest begins first: whoever came upon it last would work alone at the end, while the others are done.
LONGEST_FIRST = (
    "tests/browser/test_every_page.py",
    "tests/faults/",
    "tests/house/test_access.py",
    "tests/config/test_embedded.py",
    "tests/browser/",
    "tests/incidents/admin/test_ladder.py",
    "tests/incidents/demo/",
    "tests/incidents/actions/sequences/",
    "tests/journeys/",
)
# No test is timed: a busy machine draws examples slowly, and that is no fault.
settings.register_profile("muster", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("muster")
NAMES_OF_THIS_MACHINE = {"", "localhost", "localhost.localdomain", "testserver"}
refused: list[str] = []


class NotThisMachine(OSError):
    """A test tried to reach another machine."""


def is_this_machine(host: object) -> bool:
    """Whether `host`, a name or an address, is loopback."""
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name in NAMES_OF_THIS_MACHINE or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def shut_sockets(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse, and note for the running test, whatever Python's sockets want from another machine (PEP 578)."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"}:
        opened, address = arguments[:2]
        if not isinstance(opened, socket.socket) or opened.family not in {socket.AF_INET, socket.AF_INET6}:
            return
        host = address[0] if isinstance(address, tuple) else address
    else:
        return
    if not is_this_machine(host):
        refused.append(f"{event} {host!r}")
        raise NotThisMachine(f"tests reach this machine only, not {host!r}")


sys.addaudithook(shut_sockets)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Pictures are taken when somebody asks; the dice of the fault runs are new unless somebody repeats them."""
    parser.addoption("--screenshots", action="store_true", help="Write docs/screenshots/ from the browser tests.")
    parser.addoption("--fault-seed", default="", help="Kill at the points that a fault run with this seed chose.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of LONGEST_FIRST first, in that order; `make test` gives them out in the order they stand in."""

    def place(item: pytest.Item) -> int:
        begins = [item.nodeid.startswith(path) for path in LONGEST_FIRST]
        return begins.index(True) if any(begins) else len(begins)

    items.sort(key=place)


@pytest.fixture(autouse=True)
def sockets_are_shut() -> Iterator[None]:
    """Fail a test that tried to leave this machine, also when the code under test swallowed the refusal.

    A test that means to try takes `refused_addresses` and empties it.
    """
    refused.clear()
    yield
    assert refused == []


@pytest.fixture
def refused_addresses() -> list[str]:
    """What this test tried to reach beyond this machine."""
    return refused


@pytest.fixture
def now() -> datetime:
    """14:23 in Berlin on 18 April 2026, a Saturday: the moment at which the story of document 000 begins."""
    return NOW


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Chromium of this machine; without one the browser tests are skipped, never so when CI=true."""
    path = find_chromium()
    if path is None:
        sentence = "No Chromium here: install Debian's package chromium, or run .venv/bin/playwright install chromium."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return {**browser_type_launch_args, "executable_path": path, "args": CHROMIUM_FLAGS}
