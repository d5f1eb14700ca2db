"""A PostgreSQL folder with every migration applied: made once, copied by whatever is not about migrations.

Migrations take seconds of a processor, for each worker of a test run and for each whole Muster that a test starts; a
copy takes a tenth of one. Django runs `migrate` on every copy all the same and finds nothing to do.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from config.embedded.postgres import FORGETFUL, Postgres

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE / ".data" / "test-prepared"
DATABASE = "muster"
# What decides how the folder looks: our migrations, those of others, and how PostgreSQL is set up.
MADE_FROM = ["*/migrations/*.py", "requirements/run.txt", "config/embedded/postgres.py", "tests/prepared.py"]


def copy_prepared(folder: Path) -> None:
    """Make `folder`, which is not there yet, a PostgreSQL folder with the empty, migrated database `DATABASE`."""
    ROOT.mkdir(parents=True, exist_ok=True)
    with (ROOT / "lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        prepared = ROOT / digest()
        if not prepared.exists():
            _make(prepared)
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", str(prepared / "data"), str(folder)], check=True)


def digest() -> str:
    """The short name of what `MADE_FROM` holds just now."""
    read = hashlib.sha256()
    for path in sorted(path for pattern in MADE_FROM for path in HERE.glob(pattern)):
        read.update(f"{path.relative_to(HERE)}\n".encode() + path.read_bytes())
    return read.hexdigest()[:16]


def _make(prepared: Path) -> None:
    """Set it up beside and move it into place, so that a half-made one is never copied; older ones go."""
    for older in ROOT.glob("*/"):
        shutil.rmtree(older)
    making = prepared.with_name("making")
    server = Postgres(making / "data", log=making / "log", options=FORGETFUL)
    server.start()
    try:
        server.ensure_database(DATABASE)
        settings = {"DATABASE_URL": server.url(DATABASE), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(command, cwd=HERE, env={**os.environ, **settings}, check=True)
    finally:
        server.stop()
    making.rename(prepared)
