"""The folder through which the worker is rung, by real files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection, Queue

from config import bell


class Rope:
    """Rings and hears as Celery is told to: the unnamed exchange, straight to the queue."""

    def __init__(self, connection: Connection) -> None:
        self.producer = connection.Producer()
        self.queue = Queue("muster", routing_key="muster")(connection.channel())
        self.queue.declare()

    def put(self, payload: dict[str, int], task: str = "") -> None:
        self.producer.publish(payload, routing_key="muster", headers={"task": task} if task else {})

    def heard(self) -> list[object]:
        return [message.payload for message in iter(lambda: self.queue.get(no_ack=True), None)]


@pytest.fixture
def rope(tmp_path: Path) -> Iterator[Rope]:
    with Connection(bell.ADDRESS, transport_options=bell.options(tmp_path / "broker")) as opened:
        yield Rope(opened)


def test_bells_are_heard_once_and_in_order(rope: Rope) -> None:
    for number in range(3):
        rope.put({"bell": number})

    assert rope.heard() == [{"bell": 0}, {"bell": 1}, {"bell": 2}]
    assert rope.heard() == []


def test_a_file_that_is_no_bell_is_passed_over(rope: Rope, tmp_path: Path) -> None:
    rope.put({"bell": 1})
    (tmp_path / "broker" / "0_half.muster.msg").write_text("")

    assert rope.heard() == [{"bell": 1}]


def test_a_bell_still_being_written_is_not_heard(rope: Rope, tmp_path: Path) -> None:
    rope.put({"bell": 1})
    (tmp_path / "broker" / "0_half.muster.msg.writing").write_text('{"body":')

    assert rope.heard() == [{"bell": 1}]


def test_a_folder_that_was_removed_is_quiet_and_rings_again(rope: Rope, tmp_path: Path) -> None:
    rope.put({"bell": 1})
    for path in (tmp_path / "broker").iterdir():
        path.unlink()
    (tmp_path / "broker").rmdir()

    assert rope.heard() == []
    rope.put({"bell": 2})
    assert rope.heard() == [{"bell": 2}]


def test_a_bell_for_a_sweep_that_is_asked_for_already_takes_the_place_of_the_one_that_waits(rope: Rope) -> None:
    rope.put({"bell": 0}, task="a.sweep")
    rope.put({"bell": 1}, task="b.sweep")
    rope.put({"bell": 2}, task="a.sweep")

    assert rope.heard() == [{"bell": 2}, {"bell": 1}]
    rope.put({"bell": 3}, task="a.sweep")
    assert rope.heard() == [{"bell": 3}]


def test_a_task_whose_name_ends_like_another_is_not_taken_for_it(rope: Rope) -> None:
    rope.put({"bell": 0}, task="a.sweep")
    rope.put({"bell": 1}, task="sweep")

    assert rope.heard() == [{"bell": 0}, {"bell": 1}]
