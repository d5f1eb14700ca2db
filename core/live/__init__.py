"""PostgreSQL NOTIFY to server-sent events.

Whoever writes calls `announce` inside the transaction: the bell rings exactly at commit. Each web process LISTENs
once, on a connection of its own, and hands what it hears to the watchers of that channel. A watcher that falls behind,
or whose process lost its connection, is told to catch up from the rows: the rows are the truth, this is only the bell.
It knows neither templates nor rights.
"""

from core.live.bell import Announcement, announce, gathered, put_off
from core.live.listener import Hub, hub
from core.live.shelf import Shelf
from core.live.stream import BEAT, RETRY, event, give_back_connection, in_thread
from core.live.watcher import MOST_PENDING, Heard, Watcher

__all__ = [
    "BEAT",
    "MOST_PENDING",
    "RETRY",
    "Announcement",
    "Heard",
    "Hub",
    "Shelf",
    "Watcher",
    "announce",
    "event",
    "gathered",
    "give_back_connection",
    "hub",
    "in_thread",
    "put_off",
]
