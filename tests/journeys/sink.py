"""A small real web server that stands for the chat: it keeps what it was sent, each key once."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Sink:
    """What arrived, oldest first; a repeat with a known `webhook-id` is counted and not kept twice."""

    url: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    repeats: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, post: dict[str, Any]) -> None:
        """Keep one post."""
        with self.lock:
            if key in self.keys:
                self.repeats += 1
            else:
                self.keys.add(key)
                self.posts.append(post)

    def forget(self) -> None:
        """As if nothing had arrived."""
        with self.lock:
            self.posts.clear()
            self.keys.clear()
            self.repeats = 0


@contextmanager
def open_sink() -> Iterator[Sink]:
    """Serve on a free port of this machine for as long as the block lasts."""
    sink = Sink()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            said = json.loads(body)
            sink.take(self.headers["webhook-id"], {"kind": said["type"], **said["data"]})
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Be quiet."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # Python's own turns the sixth in line away

    server = Server(("127.0.0.1", 0), Door)
    sink.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
