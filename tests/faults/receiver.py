"""The other side: a small real web server that takes pages and heartbeats, honours keys, can be slow or lose one."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any


class Server(ThreadingHTTPServer):
    """One before which as many may stand in line as before any web server; Python's own turns the sixth away."""

    request_queue_size = 128


class Receiver:
    """Counts what arrives by path: every request that it took, and the keys that were new to it."""

    def __init__(self) -> None:
        self.changed = Condition()
        self.under_way: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.taken_at: dict[str, list[float]] = {}
        self.keys: dict[str, set[str]] = {}
        self.held: set[str] = set()
        self.losing: set[str] = set()
        self.server = Server(("127.0.0.1", 0), self._door())
        self.server.daemon_threads = True

    @property
    def address(self) -> str:
        """Where it listens: http://127.0.0.1:port."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def hold(self, path: str) -> None:
        """From now on answer nobody at `path`: what arrives is under way until `release` or `lose`."""
        self._change(self.held.add, path)

    def release(self, path: str) -> None:
        """Take and answer what is under way at `path` and all that follows."""
        self._change(self.held.discard, path)

    def lose(self, path: str) -> None:
        """Forget what is under way at `path` as if it had never arrived, and take what comes later."""
        with self.changed:
            self.losing.add(path)
            self.held.discard(path)
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: not self.under_way[path], timeout=10)
            self.losing.discard(path)

    def wait_until_under_way(self, path: str) -> None:
        """Go on when a request has arrived at `path` that is not answered yet."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.under_way[path] > 0, timeout=30), f"nothing arrived at {path}"

    def wait_until_taken(self, path: str, times: int = 1, seconds: float = 60) -> None:
        """Go on when `times` requests were taken at `path`."""
        with self.changed:
            enough = self.changed.wait_for(lambda: self.taken[path] >= times, timeout=seconds)
            assert enough, f"{self.taken[path]} of {times} taken at {path}"

    def seen(self, path: str) -> int:
        """How many messages a receiver that honours keys has at `path`."""
        with self.changed:
            return len(self.keys.get(path, ()))

    def _change(self, change: Any, path: str) -> None:
        with self.changed:
            change(path)
            self.changed.notify_all()

    def _take(self, path: str, key: str) -> bool:
        """Wait while `path` is held; whether the request was taken and not lost."""
        with self.changed:
            self.under_way[path] += 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: path not in self.held, timeout=60)
            taken = path not in self.losing
            if taken:
                self.taken[path] += 1
                self.taken_at.setdefault(path, []).append(time.time())
                self.keys.setdefault(path, set()).add(key)
            self.under_way[path] -= 1
            self.changed.notify_all()
            return taken

    def _door(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer("")

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self._answer(self.headers["webhook-id"])

            def _answer(self, key: str) -> None:
                if receiver._take(self.path, key):
                    try:
                        self.send_response(204)
                        self.end_headers()
                    except (BrokenPipeError, ConnectionResetError):
                        pass  # the one who sent it was killed in between

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        return Door


@contextmanager
def open_receiver() -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    thread = Thread(target=receiver.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()
