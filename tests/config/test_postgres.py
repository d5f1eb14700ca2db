"""PostgreSQL of one folder: it adopts what a crash has left, ends with its parent, and refuses what is not its own."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from config.embedded.postgres import (
    LONGEST_SOCKET_PATH,
    Postgres,
    PostgresRefused,
    noted_process,
    runs_from,
    socket_folder,
)
from tests.folders import own_folder
from tests.prepared import copy_prepared


@pytest.fixture
def home() -> Iterator[Path]:
    with own_folder() as folder:
        yield folder


@pytest.fixture
def used_home(home: Path) -> Path:
    """A folder whose PostgreSQL was set up before."""
    copy_prepared(home / "postgres")
    return home


@pytest.fixture
def server(used_home: Path) -> Iterator[Postgres]:
    with running(used_home) as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed_server() -> Iterator[Postgres]:
    """For tests that only look."""
    with own_folder() as folder, running(folder) as made:
        yield made


@contextmanager
def running(home: Path) -> Iterator[Postgres]:
    made = Postgres(home / "postgres", log=home / "postgres.log", options={"shared_buffers": "1MB"})
    made.start()
    try:
        yield made
    finally:
        made.stop()


def write(server: Postgres, text: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def kept(server: Postgres) -> list[str]:
    with psycopg.connect(server.url()) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM kept ORDER BY 1")]


def test_data_of_a_server_that_was_killed_are_adopted_whole(server: Postgres) -> None:
    assert server.process is not None
    for text in ("first", "second"):
        write(server, text)
        os.kill(server.process.pid, signal.SIGKILL)
        server.start()

    assert kept(server) == ["first", "second"]


def test_it_is_version_18_and_sorts_alike_on_every_machine(undisturbed_server: Postgres) -> None:
    with psycopg.connect(undisturbed_server.url()) as connection:
        found = connection.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'postgres'")
        assert found.fetchone() == ("b", "C.UTF-8")
        assert connection.info.server_version // 10000 == 18


def test_it_listens_nowhere_but_in_its_folder(undisturbed_server: Postgres) -> None:
    with psycopg.connect(undisturbed_server.url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert stat.S_IMODE(undisturbed_server.sockets.stat().st_mode) == 0o700


def test_a_database_is_made_once(undisturbed_server: Postgres) -> None:
    undisturbed_server.ensure_database("mu ster")
    undisturbed_server.ensure_database("mu ster")

    with psycopg.connect(undisturbed_server.url()) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1").fetchall()
    assert names == [("mu ster",), ("postgres",)]


STARTS_AND_WAITS = """
import sys
from pathlib import Path
from config.embedded.postgres import Postgres

server = Postgres(Path(sys.argv[1]), log=Path(sys.argv[2]), options={"shared_buffers": "1MB"})
server.start()
print(server.process.pid, flush=True)
sys.stdin.read()
"""


def test_a_server_whose_parent_was_killed_ends_and_its_data_are_adopted(used_home: Path) -> None:
    home = used_home
    arguments = [sys.executable, "-c", STARTS_AND_WAITS, str(home / "postgres"), str(home / "log")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        number = int(parent.stdout.readline())
        heir = Postgres(home / "postgres", log=home / "log", options={"shared_buffers": "1MB"})
        write(heir, "kept")
        parent.kill()

    heir.start()

    try:
        assert kept(heir) == ["kept"]
        assert not runs_from(home / "postgres", number)
    finally:
        heir.stop()


def test_a_note_that_names_somebody_else_is_no_hindrance_and_harms_nobody(home: Path, server: Postgres) -> None:
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (server.folder / "postmaster.pid").write_text(f"{stranger.pid}\n")

        server.start()

        assert stranger.poll() is None
        assert server.process is not None
        assert noted_process(server.folder / "postmaster.pid") == server.process.pid
        stranger.communicate(b"\n")


def test_a_folder_of_another_version_is_refused_and_left_alone(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("16\n")

    with pytest.raises(PostgresRefused, match=r"holds the data of PostgreSQL 16; this Muster runs PostgreSQL 18\."):
        Postgres(home / "postgres", log=home / "log")

    assert [path.name for path in (home / "postgres").iterdir()] == ["PG_VERSION"]


def test_a_server_that_stays_down_is_refused_with_the_last_words_of_its_log(
    used_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.embedded.postgres.STARTS", 2)
    broken = Postgres(used_home / "postgres", log=used_home / "log", options={"shared_buffers": "a lot"})

    with pytest.raises(PostgresRefused, match='invalid value for parameter "shared_buffers": "a lot"'):
        broken.start()


def test_a_folder_too_deep_for_a_socket_gets_one_elsewhere_and_always_the_same() -> None:
    deep = Path("/srv") / ("d" * LONGEST_SOCKET_PATH) / "postgres"

    assert socket_folder(deep) == socket_folder(deep)
    assert len(str(socket_folder(deep))) < 60
    assert socket_folder(Path("/srv/postgres")) == Path("/srv/postgres")


def test_a_server_in_a_deep_folder_answers(home: Path) -> None:
    deep = Postgres(home / ("d" * LONGEST_SOCKET_PATH) / "postgres", log=home / "log")
    deep.start()

    with psycopg.connect(deep.url()) as connection:
        assert connection.execute("SHOW data_directory").fetchone() == (str(deep.folder),)
    deep.stop()
    assert not deep.sockets.exists()
