"""Children are kept running, and all of them end when the supervisor does, however it ends. Real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = """
import signal, subprocess, sys
from config.embedded.lifeline import end_with_parent
from config.embedded.supervisor import Child, Supervisor

def child(name, rank=0, trap=""):
    def start():
        command = ["sh", "-c", trap + "echo " + name + " $$; while :; do sleep 0.05; done"]
        return subprocess.Popen(command, start_new_session=True, preexec_fn=end_with_parent(signal.SIGKILL))
    return Child(name, start, rank=rank)

def say(sentence):
    print(sentence, flush=True)

stubborn = "trap '' TERM; " if "stubborn" in sys.argv else "trap 'echo worker ends; exit' TERM; "
last = "trap 'echo database ends; exit' TERM; "
with Supervisor([child("database", 1, last), child("worker", 0, stubborn)], say) as supervisor:
    supervisor.run()
say("all ended")
"""


class Run:
    """A supervisor with two children in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-c", PROGRAM, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.numbers: dict[str, int] = {}
        for _ in range(2):
            self.hear_a_number()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def hear_a_number(self) -> str:
        """The next line, which is `name number` of a child that has begun."""
        name, number = self.line().split()
        self.numbers[name] = int(number)
        return name

    def rest(self) -> list[str]:
        """What is said until nobody is left to say anything: also the children hold the pipe."""
        assert self.process.stdout is not None
        return self.process.stdout.read().splitlines()


@pytest.fixture
def run() -> Iterator[Run]:
    started = Run()
    yield started
    started.process.kill()
    started.process.communicate()


def is_gone(number: int) -> bool:
    """Whether the process is dead; a zombie is."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_killed_child_comes_back(run: Run) -> None:
    first = run.numbers["worker"]
    os.kill(first, signal.SIGKILL)

    assert run.line() == "worker ended (signal 9), starting it again."
    assert run.hear_a_number() == "worker"
    assert run.numbers["worker"] != first


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_end_is_in_order_and_the_database_is_last(run: Run, wish: signal.Signals) -> None:
    run.process.send_signal(wish)

    assert run.rest() == ["worker ends", "database ends", "all ended"]
    assert run.process.wait() == 0


def test_children_of_a_killed_supervisor_end(run: Run) -> None:
    run.process.kill()

    assert run.rest() == []
    assert all(is_gone(number) for number in run.numbers.values())


def test_a_second_wish_no_longer_waits_for_a_child_that_does_not_end() -> None:
    run = Run("stubborn")
    run.process.send_signal(signal.SIGTERM)
    while run.process.poll() is None and not is_gone(run.numbers["worker"]):
        run.process.send_signal(signal.SIGTERM)

    assert run.rest()[-1] == "all ended"
    run.process.communicate()
