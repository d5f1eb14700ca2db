"""Somebody at a desk who has people paged: a process of its own on the stack's database, as the web server is."""

import subprocess
import sys
from pathlib import Path


class Desk:
    """The test's side of tests/faults/pager.py."""

    def __init__(self, environment: dict[str, str]) -> None:
        """`environment` is that of the stack, its DATABASE_URL included."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.pager"],
            cwd=Path(__file__).resolve().parent.parent.parent,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def page(self, address: str) -> str:
        """Have a new person paged at `address`; the reference of the page. Fails when the database refused."""
        self.ask(address)
        ref = self.hear()
        assert ref, f"nobody could be paged at {address}"
        return ref

    def ask(self, address: str) -> None:
        """Have a new person paged at `address`, without waiting for it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{address}\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        """The reference of the page that was asked for, once it is committed; empty when the database refused."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        """Go home."""
        self.process.communicate()
