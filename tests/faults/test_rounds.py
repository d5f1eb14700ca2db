"""Kill -9 at random points, round upon round: whoever was paged is told, once by a receiver that honours keys.

Each round pages somebody and kills one of the stack's processes at a moment that the dice choose: before the page is
committed, while it leaves, or after. `--fault-seed` repeats a run; each prints its own.
"""

import random
import time
from functools import partial

import pytest

from tests.faults.desk import Desk
from tests.faults.receiver import Receiver
from tests.stack import Stack, wait_until

TARGETS = ["worker", "beat", "web", "PostgreSQL"]
LATEST = 0.4  # seconds between the press and the kill
UNTIL_ALL_LEFT = 240  # seconds: leases, back-offs and restarts
END_OF_LEASE = "UPDATE comms_message SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL"


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """What a failure prints first is what repeats it."""
    seed = request.config.getoption("--fault-seed") or str(random.randrange(10**6))
    print(f"--fault-seed={seed}")
    return random.Random(seed)


def play(stack: Stack, desk: Desk, receiver: Receiver, dice: random.Random, rounds: int) -> set[str]:
    """So many rounds; the paths of those whose page was committed as far as the one who paged knows."""
    promised = set()
    for number in range(rounds):
        path, target = f"/round-{number}", dice.choice(TARGETS)
        wait_until(partial(stands, stack, target))
        desk.ask(receiver.address + path)
        time.sleep(dice.uniform(0, LATEST))  # the point at which it is killed
        stack.kill(target)
        if desk.hear():
            promised.add(path)
    wait_until(stack.answers)
    return promised


def stands(stack: Stack, target: str) -> bool:
    """Whether there is somebody to page and somebody to kill."""
    return stack.answers() and stack.has(target, other_than=0)


def left(stack: Stack) -> bool:
    """Whether no message waits any more."""
    return stack.answers() and stack.ask("SELECT count(*) FROM comms_message WHERE status = 'waiting'") == [(0,)]


def check(stack: Stack, receiver: Receiver, promised: set[str]) -> None:
    """Every message in the outbox is sent and was seen once by its receiver, and every promise has its message."""
    told = stack.ask("SELECT regexp_replace(address, '^http://[^/]*', ''), status FROM comms_message ORDER BY 1")
    paths = [str(path) for path, _ in told]

    assert {status for _, status in told} == {"sent"}
    assert promised <= set(paths)
    assert {path: receiver.seen(path) for path in paths} == dict.fromkeys(paths, 1)
    assert set(receiver.taken) == set(paths)


def test_ten_rounds(own_stack: Stack, own_desk: Desk, receiver: Receiver, dice: random.Random) -> None:
    promised = play(own_stack, own_desk, receiver, dice, rounds=10)

    def over() -> bool:
        own_stack.tell(END_OF_LEASE)
        return left(own_stack)

    wait_until(over)
    check(own_stack, receiver, promised)


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_two_hundred_rounds(own_stack: Stack, own_desk: Desk, receiver: Receiver, dice: random.Random) -> None:
    promised = play(own_stack, own_desk, receiver, dice, rounds=200)

    wait_until(lambda: left(own_stack), seconds=UNTIL_ALL_LEFT)
    check(own_stack, receiver, promised)
