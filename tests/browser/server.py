"""The server of this test process: uvicorn in a thread, with the application that `make run` serves.

The stock live server answers by WSGI alone and does not stream; here pages and streams have one address, as in use.
"""

import socket
import threading
from typing import Any

import uvicorn
from django.test.utils import modify_settings

HOST = "127.0.0.1"
LONGEST_WAIT = 20.0


class Answering:
    """Counts the requests that are being answered, so that a test ends only after the last of them.

    `raised` holds what the application let through to the server: nothing ever should.
    """

    def __init__(self, application: Any) -> None:
        self._application = application
        self.raised: list[Exception] = []
        self._running = 0
        self._changed = threading.Condition()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._count(1)
        try:
            await self._application(scope, receive, send)
        except Exception as error:
            self.raised.append(error)
            raise
        finally:
            self._count(-1)

    def _count(self, by: int) -> None:
        with self._changed:
            self._running += by
            self._changed.notify_all()

    def wait_until_idle(self) -> bool:
        """Whether nothing is being answered any more, at once or within a while."""
        with self._changed:
            return self._changed.wait_for(lambda: self._running == 0, timeout=LONGEST_WAIT)


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's own, then ring."""
        await super().startup(sockets)
        self.listens.set()


class MusterServer:
    """What the fixture `live_server` gives: `url`, and `wait_until_idle` for the end of a test."""

    def __init__(self, application: Any) -> None:
        self.answering = Answering(application)
        # Asked for by pytest-django, which does the same for its own server.
        self._live_server_modified_settings = modify_settings(ALLOWED_HOSTS={"append": HOST})
        self._socket = socket.socket()
        self._socket.bind((HOST, 0))
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            self.answering,
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
            ws="none",
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="muster", daemon=True)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def start(self) -> None:
        """Go on when it listens. Raises RuntimeError when it does not begin to."""
        self._thread.start()
        if not self._server.listens.wait(LONGEST_WAIT):
            raise RuntimeError("The server of the browser tests did not start.")

    def stop(self) -> None:
        """End it, open streams included."""
        self._server.should_exit = True
        self._thread.join(LONGEST_WAIT)

    def wait_until_idle(self) -> bool:
        """Whether nothing is being answered any more."""
        return self.answering.wait_until_idle()
