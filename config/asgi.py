"""The web door: streams by Django's ASGI, pages by its WSGI in a few threads, one server and one address.

Pages are written as ordinary functions. Sent through ASGI each costs three to four times its empty view in hops
between the loop and a thread; docs/adr/0002-serving.md has the figures.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

import django
from a2wsgi import WSGIMiddleware
from django.core.handlers.asgi import ASGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Addresses that end so answer for as long as somebody watches, and so may not hold a thread.
STREAM = "/stream"
# Connections of the pool that pages leave to the streams, which ask who may see what they are about to send.
LEFT_TO_STREAMS = 2


class Streams(ASGIHandler):
    """Django's own door, but without a thread of its own for each request: a stream would keep it until its end.

    What middleware does in a thread is done in one for all streams, each for a moment.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As Django's, in the process's own thread-sensitive context."""
        await self.handle(scope, receive, send)


# Any: each of the libraries spells the types of ASGI its own way.
django.setup()
streams: Any = Streams()
threads = max(2, connection.settings_dict["OPTIONS"]["pool"]["max_size"] - LEFT_TO_STREAMS)
pages: Any = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=threads)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand an HTTP request to the door that suits it."""
    if scope["type"] == "http" and not scope["path"].endswith(STREAM):
        await pages(scope, receive, send)
    else:
        await streams(scope, receive, send)
