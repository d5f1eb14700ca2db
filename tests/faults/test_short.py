"""The short form of each fault: the person is still paged, and a receiver that honours keys has it once.

The lease of a dead worker lasts twenty seconds; here it is over at once, in test_long.py it takes its time.
"""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.faults.desk import Desk
from tests.faults.receiver import Receiver
from tests.stack import Stack, wait_until

END_OF_LEASE = "UPDATE comms_message SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL"


def deliveries(stack: Stack, ref: str) -> list[tuple[object, ...]]:
    """(message status, attempt outcome) of every attempt at the messages of one page."""
    return stack.ask(
        "SELECT m.status, d.outcome FROM comms_message m JOIN comms_delivery d ON d.message_id = m.id "
        f"WHERE m.address LIKE '%/{ref}' ORDER BY d.number"
    )


def wait_until_sent(stack: Stack, name: str) -> None:
    """Go on when the message to the receiver's path `name` is marked as sent."""
    question = f"SELECT 1 FROM comms_message WHERE address LIKE '%/{name}' AND status = 'sent'"
    wait_until(lambda: stack.ask(question) == [(1,)])


@pytest.mark.parametrize("arrives", [True, False], ids=["after it arrived", "before it arrived"])
def test_a_worker_killed_between_claim_and_send(stack: Stack, desk: Desk, receiver: Receiver, arrives: bool) -> None:
    name = f"killed-{arrives}".lower()
    path = f"/{name}"
    receiver.hold(path)
    desk.page(receiver.address + path)
    receiver.wait_until_under_way(path)

    stack.kill("worker")
    receiver.release(path) if arrives else receiver.lose(path)
    stack.tell(END_OF_LEASE)

    wait_until_sent(stack, name)
    assert receiver.seen(path) == 1
    assert receiver.taken[path] == (2 if arrives else 1)
    assert deliveries(stack, name) == [("sent", "lost"), ("sent", "handed_over")]


@pytest.mark.parametrize("how", ["emptied", "removed"])
def test_a_broker_folder_that_is_emptied(stack: Stack, desk: Desk, receiver: Receiver, how: str) -> None:
    path = f"/broker-{how}"
    broker = stack.folder / "broker"
    worker = stack.number_of("worker")
    os.kill(worker, signal.SIGSTOP)  # it hears no bell until the folder is empty
    desk.page(receiver.address + path)
    assert bells(broker) > 0

    if how == "removed":
        shutil.rmtree(broker)
    else:
        for file in broker.iterdir():
            file.unlink(missing_ok=True)
    os.kill(worker, signal.SIGCONT)

    receiver.wait_until_taken(path)
    wait_until_sent(stack, path[1:])
    assert (receiver.taken[path], receiver.seen(path)) == (1, 1)
    assert stack.number_of("worker") == worker


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["in order", "kill -9"])
def test_postgresql_restarted_in_the_middle(
    stack: Stack, desk: Desk, receiver: Receiver, number: signal.Signals
) -> None:
    during, after = f"/during-{number}", f"/after-{number}"
    receiver.hold(during)
    desk.page(receiver.address + during)
    receiver.wait_until_under_way(during)

    old = stack.number_of("PostgreSQL")
    os.kill(old, number)
    wait_until(lambda: stack.has("PostgreSQL", other_than=old) and stack.answers())
    receiver.release(during)
    desk.page(receiver.address + after)
    receiver.wait_until_taken(after)
    stack.tell(END_OF_LEASE)

    for path in (during, after):
        wait_until_sent(stack, path[1:])
        assert receiver.seen(path) == 1


def bells(broker: Path) -> int:
    """How many messages wait in the folder."""
    return sum(file.suffix == ".msg" for file in broker.iterdir())
