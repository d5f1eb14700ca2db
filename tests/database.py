"""One PostgreSQL for one test run: copied with every migration applied, never synced to disk, gone afterwards."""

import atexit
import os
import shutil
from pathlib import Path

from config.embedded.postgres import FORGETFUL, Postgres
from tests.prepared import copy_prepared

FOLDER = Path(__file__).resolve().parent.parent / ".data" / "test-postgres"


def start_for_this_run() -> str:
    """Start the server of this run, to be stopped and removed when the process ends; its address."""
    remove_leftovers()
    home = FOLDER / str(os.getpid())
    copy_prepared(home / "data")
    server = Postgres(home / "data", log=home / "postgres.log", options={**FORGETFUL, "max_connections": "200"})
    server.start()
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    atexit.register(server.stop)
    return server.url()


def remove_leftovers() -> None:
    """Remove what runs that were killed have left; their servers ended with them."""
    for home in FOLDER.glob("*"):
        if not Path(f"/proc/{home.name}").exists():
            shutil.rmtree(home, ignore_errors=True)
