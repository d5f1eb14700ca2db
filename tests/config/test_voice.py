"""What is said to whoever started Muster holds up nobody: real pipes, a real supervisor."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from config.embedded.voice import Voice

PROGRAM = """
import signal, subprocess
from config.embedded.lifeline import end_with_parent
from config.embedded.supervisor import Child, Supervisor
from config.embedded.voice import Voice

def start():
    command = ["sh", "-c", "echo $$ >&2; exec sleep 600"]
    return subprocess.Popen(command, start_new_session=True, preexec_fn=end_with_parent(signal.SIGKILL))

with Supervisor([Child("worker", start)], Voice(1)) as supervisor:
    supervisor.run()
"""


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe with nothing in it: where to read, and where to write."""
    reader, writer = os.pipe()
    yield reader, writer
    for end in (reader, writer):
        with suppress(OSError):
            os.close(end)


def fill(writer: int) -> int:
    """Write until it would block; how many bytes that took."""
    os.set_blocking(writer, False)
    count = 0
    with suppress(BlockingIOError):
        while True:
            count += os.write(writer, b"x" * 1024)
    os.set_blocking(writer, True)
    return count


def empty(reader: int, count: int) -> None:
    while count:
        count -= len(os.read(reader, count))


def test_a_line_for_a_pipe_that_nobody_reads_is_dropped_and_counted(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    say = Voice(writer)
    say("first")
    count = fill(writer)
    say("second")
    say("third")
    empty(reader, len("first\n") + count)

    say("fourth")

    assert os.read(reader, 4096) == b"(Not written here before this line: 2.)\nfourth\n"
    assert os.get_blocking(writer)


def test_where_nobody_is_left_to_read_nothing_is_raised(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    os.close(reader)
    say = Voice(writer)

    say("to nobody")

    assert say.dropped == 1


def test_a_socket_that_nobody_reads_is_not_waited_for_either() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        say = Voice(ours.fileno())
        while not say.dropped:
            say("x" * 4000)
        assert say.dropped == 1


def test_a_file_takes_every_line(tmp_path: object) -> None:
    with open(f"{tmp_path}/said", "wb") as file:
        say = Voice(file.fileno())
        say("one")
        say("two")

    with open(f"{tmp_path}/said") as file:
        assert file.read() == "one\ntwo\n"


def test_the_supervisor_goes_on_while_its_output_is_blocked_and_says_later_what_is_missing(
    pipe: tuple[int, int],
) -> None:
    reader, writer = pipe
    count = fill(writer)
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdout=writer, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        try:
            first = int(run.stderr.readline())
            os.kill(first, signal.SIGKILL)
            second = int(run.stderr.readline())
            empty(reader, count)
            os.kill(second, signal.SIGKILL)
            third = int(run.stderr.readline())

            assert len({first, second, third}) == 3
            assert os.read(reader, 4096).decode() == (
                "(Not written here before this line: 1.)\nworker ended (signal 9), starting it again.\n"
            )
        finally:
            run.terminate()
