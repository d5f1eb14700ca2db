"""The long form: nothing is helped along, leases end by themselves, and faults come one upon the other."""

import os
import random
import shutil
import signal

import pytest

from tests.faults.desk import Desk
from tests.faults.receiver import Receiver
from tests.stack import Stack, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

PEOPLE = 40
LEASE_AND_BACK_OFF = 180  # seconds: more than a lease of twenty, a few back-offs and the restarts between them


def kill_worker(stack: Stack) -> None:
    stack.kill("worker")


def kill_postgresql(stack: Stack) -> None:
    stack.kill("PostgreSQL")
    wait_until(stack.answers)


def restart_postgresql(stack: Stack) -> None:
    old = stack.number_of("PostgreSQL")
    os.kill(old, signal.SIGINT)
    wait_until(lambda: stack.has("PostgreSQL", other_than=old) and stack.answers())


def empty_the_broker(stack: Stack) -> None:
    for file in (stack.folder / "broker").glob("*"):
        file.unlink(missing_ok=True)


def remove_the_broker(stack: Stack) -> None:
    shutil.rmtree(stack.folder / "broker", ignore_errors=True)


def kill_everything(stack: Stack) -> None:
    stack.kill_everything_at_once()
    stack.start()


FAULTS = [kill_worker, kill_postgresql, restart_postgresql, empty_the_broker, remove_the_broker, kill_everything]


def test_a_lease_of_a_dead_worker_ends_by_itself(own_stack: Stack, own_desk: Desk, receiver: Receiver) -> None:
    receiver.hold("/ana")
    own_desk.page(receiver.address + "/ana")
    receiver.wait_until_under_way("/ana")
    own_stack.kill("worker")
    receiver.lose("/ana")

    receiver.wait_until_taken("/ana", seconds=60)

    assert (receiver.taken["/ana"], receiver.seen("/ana")) == (1, 1)


@pytest.mark.parametrize("seed", range(3))
def test_everybody_is_paged_once_in_a_storm_of_faults(
    own_stack: Stack, own_desk: Desk, receiver: Receiver, seed: int
) -> None:
    dice = random.Random(seed)
    paths = [f"/person-{number}" for number in range(PEOPLE)]
    for four in range(0, PEOPLE, 4):
        held = [path for path in paths[four : four + 4] if dice.random() < 0.5]
        for path in held:
            receiver.hold(path)
        for path in paths[four : four + 4]:
            own_desk.page(receiver.address + path)
        for path in held:
            receiver.wait_until_under_way(path)
        dice.choice(FAULTS)(own_stack)
        # Not held for longer: a receiver that is silent for good is left alone for up to an hour between attempts.
        for path in held:
            receiver.release(path)

    for path in paths:
        receiver.wait_until_taken(path, seconds=LEASE_AND_BACK_OFF)
    question = "SELECT count(*) FROM comms_message WHERE status <> 'sent'"
    wait_until(lambda: own_stack.ask(question) == [(0,)], seconds=LEASE_AND_BACK_OFF)

    assert {path: receiver.seen(path) for path in paths} == dict.fromkeys(paths, 1)
