"""`make run`'s own program, whole: it says who it is, keeps what it started, and adopts what a crash has left."""

import os
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.folders import own_folder
from tests.prepared import copy_prepared
from tests.stack import Stack, command_of, wait_until

MARK = "INSERT INTO accounts_team (slug, name) VALUES ('kept', 'Kept') ON CONFLICT DO NOTHING"
MARKED = "SELECT name FROM accounts_team WHERE slug = 'kept'"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with own_folder() as folder:
        started = Stack(folder, MUSTER_DEMO_PASSWORD="not needed")
        started.start()
        yield started
        started.stop()


@pytest.fixture
def home() -> Iterator[Path]:
    with own_folder() as folder:
        yield folder


def test_a_second_start_says_who_runs_already(stack: Stack) -> None:
    assert stack.process is not None

    assert Stack(stack.folder).refusal() == (
        f"Muster already runs from {stack.folder}: process {stack.process.pid}, http://127.0.0.1:{stack.port}. End it "
        "with Ctrl-C where it runs, or set MUSTER_DATA_DIR and PORT to run another one beside it."
    )


def test_without_a_demo_nobody_and_nothing_is_made(stack: Stack) -> None:
    assert stack.ask("SELECT count(*) FROM accounts_user") == [(0,)]
    assert stack.ask("SELECT count(*) FROM incidents_ladder") == [(0,)]
    assert not (stack.folder / "demo-password").exists()
    assert not any("Sign in" in line for line in stack.said)


@pytest.mark.parametrize("name", ["web", "beat"])
def test_a_killed_child_comes_back(stack: Stack, name: str) -> None:
    stack.kill(name)

    stack.hear(f"{name} ended (signal 9), starting it again.")
    if name == "web":
        wait_until(lambda: is_well(stack))


def test_data_of_a_run_that_was_killed_are_adopted_whole(stack: Stack) -> None:
    stack.tell(MARK)
    stack.kill_everything_at_once()

    stack.start()

    assert stack.ask(MARKED) == [("Kept",)]
    assert is_well(stack)


def test_the_end_leaves_nothing_running_and_keeps_the_data(stack: Stack) -> None:
    stack.tell(MARK)
    children = stack.children()

    assert stack.stop() == 0

    assert [command_of(number) for number in children] == [[]] * 4
    assert not (stack.folder / "postgres" / "postmaster.pid").exists()
    stack.start()
    assert stack.ask(MARKED) == [("Kept",)]


def test_a_port_that_is_taken_is_refused_before_anything_starts(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        refusal = Stack(home, PORT=str(port)).refusal()

    assert refusal == (
        f"Muster cannot listen on 127.0.0.1 port {port} (Address already in use): "
        "set PORT to a free one, and HOST to an address of this machine."
    )
    assert not (home / "postgres").exists()


def test_a_loopback_address_is_refused_once_mail_leaves_and_postgresql_is_stopped_again(home: Path) -> None:
    copy_prepared(home / "postgres")
    stack = Stack(home, EMAIL_HOST="smtp.example.org")

    refusal = stack.refusal()

    assert refusal.splitlines() == [
        f"MUSTER_URL is http://127.0.0.1:{stack.port}, which only this machine can open, but mail leaves by "
        "smtp.example.org: the links in those messages would lead nowhere. Set MUSTER_URL to the address that people "
        "open in their browsers.",
        "Muster was not started.",
    ]
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_a_database_that_does_not_answer_is_named(home: Path) -> None:
    refusal = Stack(home, DATABASE_URL=f"postgresql://postgres@/muster?host={home}").refusal()

    assert refusal.startswith("The database of DATABASE_URL does not answer: ")
    assert f"{home}/.s.PGSQL.5432" in refusal
    assert os.listdir(home) == ["run.lock"]


def is_well(stack: Stack) -> bool:
    """Whether the web server answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_the_end_may_be_asked_for_while_it_starts(home: Path) -> None:
    stack = Stack(home)
    stack.begin()
    wait_until(lambda: len(stack.children()) == 4)  # PostgreSQL, web, worker, and what migrates

    assert (stack.stop(), stack.said) == (0, [])
    assert not (home / "postgres" / "postmaster.pid").exists()
