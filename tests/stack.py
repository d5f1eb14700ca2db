"""A whole Muster for one test: `make run`'s own program with its own folder, port and PostgreSQL; real processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from threading import Thread

import psycopg

HERE = Path(__file__).resolve().parent.parent
# What of the test run's own environment the stack must not see.
NOT_FOR_THE_STACK = {"DATABASE_URL", "BROKER_URL", "MUSTER_URL", "EMAIL_HOST", "MUSTER_DEMO_PASSWORD"}
PROGRAMS = {"web": b"uvicorn", "worker": b"worker", "beat": b"beat", "PostgreSQL": b"postgresql.conf"}


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """For what happens in another process and rings nobody. Raises TimeoutError when it has not become so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so after {seconds} s: {is_so}")
        time.sleep(0.02)


class Stack:
    """`make run` in `folder`. Numbers are process ids."""

    def __init__(self, folder: Path, **environment: str) -> None:
        """`environment` is what the one who starts it would set, besides a port of its own."""
        self.folder = folder
        self.port = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in NOT_FOR_THE_STACK},
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "MUSTER_DATA_DIR": str(folder),
            "MUSTER_DEMO": "0",
            "PORT": str(self.port),
            **environment,
        }
        self.database_url = f"postgresql://postgres@/muster?host={folder / 'postgres'}"
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []
        self.lines: Queue[str | None] = Queue()
        self.reader: Thread | None = None

    def begin(self) -> None:
        """Start it without waiting."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.embedded"],
            cwd=HERE,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # Whoever writes into a pipe that nobody empties waits for ever, and would start nothing again.
        self.lines = Queue()
        self.reader = Thread(target=self._read, args=(self.process, self.lines), daemon=True)
        self.reader.start()

    def start(self) -> None:
        """Start it, and go on when it says that it is ready."""
        self.begin()
        self.hear("Muster is ready")

    def hear(self, text: str) -> str:
        """The next line that holds `text`. Raises AssertionError with all that was said when it ends before."""
        while (line := self.lines.get()) is not None:
            self.said.append(line.rstrip())
            if text in line:
                return line.strip()
        self.lines.put(None)  # for whoever hears it out
        raise AssertionError(f"It ended without saying {text!r}:\n" + "\n".join(self.said))

    def refusal(self) -> str:
        """What it says when it does not start; it must end by itself and with 1."""
        self.begin()
        code = self._hear_out()
        said = "\n".join(self.said)
        assert code == 1, said
        return said.strip()

    def number_of(self, name: str) -> int:
        """The process of `name`: web, worker, beat or PostgreSQL. Raises KeyError while there is none."""
        for number in self.children():
            words = command_of(number)
            if name == "PostgreSQL" and words[:1] and words[0].endswith(b"/postgres"):
                return number
            if PROGRAMS[name] in words:
                return number
        raise KeyError(name)

    def children(self) -> list[int]:
        """The processes that the supervisor has started and that were not reaped."""
        assert self.process is not None
        number = self.process.pid
        try:
            return [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            return []

    def kill(self, name: str) -> int:
        """Kill the process of `name` with -9, and go on when another has its place; the number of the new one."""
        old = self.number_of(name)
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: self.has(name, other_than=old))
        return self.number_of(name)

    def has(self, name: str, *, other_than: int) -> bool:
        """Whether `name` runs as another process than that."""
        try:
            return self.number_of(name) != other_than
        except KeyError:
            return False

    def kill_everything_at_once(self) -> None:
        """Kill the supervisor with -9, and go on when its children have ended too."""
        assert self.process is not None
        children = self.children()
        self.process.kill()
        self._hear_out()
        wait_until(lambda: not any(command_of(number) for number in children))

    def stop(self) -> int:
        """End it in order; its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self._hear_out()

    def _hear_out(self) -> int:
        """Keep what it still says until it has ended; its exit code."""
        assert self.process is not None
        assert self.reader is not None
        self.process.wait()
        self.reader.join()
        while (line := self.lines.get()) is not None:
            self.said.append(line.rstrip())
        return self.process.returncode

    @staticmethod
    def _read(process: subprocess.Popen[str], lines: "Queue[str | None]") -> None:
        """Every line, and None at the end."""
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)
        process.stdout.close()

    def answers(self) -> bool:
        """Whether its database can be asked."""
        try:
            return self.ask("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False

    def ask(self, question: str) -> list[tuple[object, ...]]:
        """The rows of a question to its database."""
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(question.encode()).fetchall()

    def tell(self, statement: str) -> None:
        """Change its database behind its back."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute(statement.encode())


def command_of(number: int) -> list[bytes]:
    """The words of the command of a process; none when it is gone or a zombie."""
    try:
        return [word for word in Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0") if word]
    except (FileNotFoundError, ProcessLookupError):
        return []
