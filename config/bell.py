"""The folder through which a one-machine Muster rings its worker: Kombu's file transport, made safe to share.

Kombu's own writes a message into the file that the reader already sees: a reader that is quick enough finds it empty
and the whole worker ends (seen: JSONDecodeError, "Unrecoverable error"). Here a message appears whole or not at all,
one reader gets it, and a folder that was emptied or removed is simply quiet until the next bell. A bell for a sweep
that is asked for already takes the place of the one that waits: a burst of pages is a few tasks, not one for each.
"""

import os
import uuid
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

SCHEME = "folder"
ADDRESS = f"{SCHEME}://localhost/"


def options(folder: Path) -> dict[str, object]:
    """What Celery's broker_transport_options needs to ring through `folder`; polled every 10 ms."""
    return {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder),
        "polling_interval": 0.01,
    }


class Channel(filesystem.Channel):
    """Messages as files `<nanoseconds>_<random>~<task>.<queue>.msg`, read in the order of their names."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override] # as in its parent
        folder = Path(self.data_folder_out)
        folder.mkdir(parents=True, exist_ok=True)
        task = str(payload.get("headers", {}).get("task", ""))
        alike = [name for name in self._waiting(queue) if task and name.endswith(f"~{task}.{queue}.msg")]
        moment = alike[0].partition("_")[0] if alike else time_ns()
        name = f"{moment}_{uuid.uuid4()}~{task}.{queue}.msg"
        writing = folder / f"{name}.writing"
        writing.write_text(dumps(payload))
        writing.replace(folder / name)
        for older in alike:  # one that a reader has taken meanwhile is done as well: twice changes nothing
            (folder / older).unlink(missing_ok=True)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """The next message of `queue`, as the dict that was put. Raises queue.Empty when there is none."""
        folder = Path(self.data_folder_in)
        for name in self._waiting(queue):
            mine = folder / f"{name}.{uuid.uuid4()}.taken"
            try:
                (folder / name).rename(mine)
                text = mine.read_text()
                mine.unlink()
            except FileNotFoundError:
                continue  # another reader was quicker, or somebody emptied the folder
            try:
                return loads(text)
            except ValueError:
                continue  # no bell of ours; the next tick rings again
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._waiting(queue))

    def _purge(self, queue: str) -> int:
        waiting = self._waiting(queue)
        for name in waiting:
            (Path(self.data_folder_in) / name).unlink(missing_ok=True)
        return len(waiting)

    def _waiting(self, queue: str) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.data_folder_in) if name.endswith(f".{queue}.msg"))
        except FileNotFoundError:
            return []


class Transport(filesystem.Transport):
    """Kombu's file transport with the channel above."""

    Channel = Channel


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
