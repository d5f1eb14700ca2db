"""The engine's own watch on real processes: whichever is frozen is named, and the outside monitor hears nothing.

Thirty seconds of silence are written into the rows, not waited for.
"""

import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.faults.receiver import Receiver, open_receiver
from tests.folders import own_folder
from tests.prepared import copy_prepared
from tests.stack import Stack, wait_until

HEARTBEAT = "/heartbeat"
SILENCE = "UPDATE comms_enginereport SET began_at = now() - interval '31 s'"


@pytest.fixture(scope="module")
def monitor() -> Iterator[Receiver]:
    with open_receiver() as opened:
        yield opened


@pytest.fixture(scope="module")
def stack(monitor: Receiver) -> Iterator[Stack]:
    watched = {"MUSTER_HEARTBEAT_URL": monitor.address + HEARTBEAT, "MUSTER_HEARTBEAT_SECONDS": "1"}
    with own_folder() as folder:
        copy_prepared(folder / "postgres")
        started = Stack(folder, **watched)
        started.start()
        yield started
        started.stop()


def silent(stack: Stack) -> list[str]:
    """What /readyz says of the engine: the parts that are silent."""
    address = f"http://127.0.0.1:{stack.port}/readyz"
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            facts = json.load(answer)
    except urllib.error.HTTPError as refusal:
        facts = json.load(refusal)
    named: list[str] = facts["silent"]
    return named


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_process_that_is_frozen_is_named_and_the_heartbeats_stop_until_it_goes_on(
    stack: Stack, monitor: Receiver, name: str
) -> None:
    wait_until(lambda: silent(stack) == [])
    monitor.wait_until_taken(HEARTBEAT, monitor.taken[HEARTBEAT] + 2)
    frozen = stack.number_of(name)
    os.kill(frozen, signal.SIGSTOP)
    stack.tell(f"{SILENCE}; UPDATE comms_enginereport SET reported_at = began_at WHERE part = '{name}'")
    wait_until(lambda: silent(stack) == [name])
    heard = monitor.taken[HEARTBEAT]

    os.kill(frozen, signal.SIGCONT)

    wait_until(lambda: silent(stack) == [])
    monitor.wait_until_taken(HEARTBEAT, heard + 1)
