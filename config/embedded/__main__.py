"""`make run`: the whole of Muster on this machine, ready when the address is printed, gone after Ctrl-C."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from io import TextIOWrapper

import psycopg

from config.embedded.lifeline import end_with_parent
from config.embedded.postgres import Postgres, PostgresRefused
from config.embedded.supervisor import Child, Supervisor, wait_for
from config.embedded.voice import Voice
from config.embedded.wishes import HERE, StartRefused, Wishes, environment_for, read_wishes

DATABASE = "muster"
PATIENCE = 120.0  # seconds for the web server to answer
PATIENCE_WITH_ENGINE = 20.0  # seconds more for the engine: after a long pause it may have much to send
WORKER_THREADS = 4
WEB = ["uvicorn", "config.asgi:application", "--no-access-log", "--log-level=warning", "--lifespan=off"]
WEB += ["--timeout-graceful-shutdown=3"]
WORKER = ["celery", "-A", "config", "--quiet", "worker", "--pool=threads", f"--concurrency={WORKER_THREADS}"]
WORKER += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
BEAT = ["celery", "-A", "config", "--quiet", "beat", "--loglevel=WARNING"]


say = Voice(1)  # standard output: tells whoever started Muster


def only_one(wishes: Wishes) -> TextIOWrapper:
    """Hold the folder until this process ends. Raises StartRefused when another Muster holds it."""
    wishes.data_dir.mkdir(parents=True, exist_ok=True)
    held = (wishes.data_dir / "run.lock").open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.seek(0)
        raise StartRefused(
            f"Muster already runs from {wishes.data_dir}: {held.read().strip()}. End it with Ctrl-C where it runs, or "
            "set MUSTER_DATA_DIR and PORT to run another one beside it."
        ) from None
    held.truncate(0)
    held.write(f"process {os.getpid()}, {wishes.own_address}")
    held.flush()
    return held


def check_port(wishes: Wishes) -> None:
    """Raise StartRefused when the address cannot be listened on."""
    try:
        found = socket.getaddrinfo(wishes.host, wishes.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(found[0]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[4])
    except OSError as error:
        raise StartRefused(
            f"Muster cannot listen on {wishes.host} port {wishes.port} ({error.strerror}): "
            "set PORT to a free one, and HOST to an address of this machine."
        ) from error


def start_python(arguments: list[str], environment: dict[str, str], stdin: int) -> subprocess.Popen[bytes]:
    """Start a Python module that ends at once when this process does."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=HERE,
        env=environment,
        stdin=stdin,
        start_new_session=True,  # Ctrl-C is for this process, which ends its children in order
        preexec_fn=end_with_parent(signal.SIGKILL),
    )


def python_child(name: str, arguments: list[str], environment: dict[str, str]) -> Child:
    """A Python module to keep running in `environment`."""
    return Child(name, lambda: start_python(arguments, environment, subprocess.DEVNULL))


def loading_child(name: str, arguments: list[str], environment: dict[str, str]) -> Child:
    """The same, loading already: it begins when `begin_to_work` says so."""
    child = python_child(name, arguments, environment)
    child.take(start_python(["config.gate", *arguments], environment, subprocess.PIPE))
    return child


def begin_to_work(child: Child) -> None:
    """Open the gate of a child that is loading; one that has died meanwhile is started again by the supervisor."""
    assert child.process is not None
    assert child.process.stdin is not None
    with suppress(BrokenPipeError), child.process.stdin as gate:
        gate.write(b".")


def own_database(wishes: Wishes) -> Postgres:
    """The PostgreSQL of the folder, running, with its database made."""
    server = Postgres(wishes.data_dir / "postgres", log=wishes.data_dir / "log" / "postgres.log")
    server.start()
    server.ensure_database(DATABASE)
    return server


def check_database(url: str) -> None:
    """Raise StartRefused with PostgreSQL's own reason when nobody answers at `url`."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        raise StartRefused(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from error


def database_child(server: Postgres) -> Child:
    """The running PostgreSQL as something to keep running; it ends last."""
    child = Child("PostgreSQL", server.spawn, end_signal=signal.SIGINT, rank=1)
    assert server.process is not None
    child.take(server.process)
    return child


def prepare(wishes: Wishes, environment: dict[str, str], supervisor: Supervisor) -> None:
    """Bring the database up to date, unless the end is asked for meanwhile.

    Raises StartRefused when it cannot be done; the reason is on the terminal already.
    """
    command = ["manage", "prepare", *(["--demo"] if wishes.demo else [])]
    running = start_python(command, environment, subprocess.DEVNULL)
    while running.poll() is None and not supervisor.asked_to_end:
        supervisor.wait(1)
    if supervisor.asked_to_end:
        running.kill()
    if running.wait() and not supervisor.asked_to_end:
        raise StartRefused("Muster was not started.")


def answers(address: str) -> bool:
    """Whether `address` answers, and with 200."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def run(wishes: Wishes) -> None:
    """Start everything, print the address, tend it until the end is asked for."""
    with only_one(wishes), ExitStack() as house:
        check_port(wishes)
        database_url, children = wishes.database_url, []
        if database_url is None:
            server = own_database(wishes)
            house.callback(server.stop)
            database_url, children = server.url(DATABASE), [database_child(server)]
        else:
            check_database(database_url)
        environment = environment_for(wishes, os.environ, database_url)
        loading = [
            loading_child("web", [*WEB, f"--host={wishes.host}", f"--port={wishes.port}"], environment),
            loading_child("worker", WORKER, environment),
        ]
        children += loading
        supervisor = house.enter_context(Supervisor(children, say))
        prepare(wishes, environment, supervisor)
        shutil.rmtree(wishes.data_dir / "broker", ignore_errors=True)  # bells of a run that is over
        for child in loading:
            begin_to_work(child)
        here = wishes.own_address
        up = wait_for(supervisor, lambda: answers(f"{here}/healthz"), PATIENCE)
        # Two cores start two programs as fast as one; the third would only keep them waiting.
        children.append(python_child("beat", BEAT, environment))
        well = up and wait_for(supervisor, lambda: answers(f"{here}/readyz"), PATIENCE_WITH_ENGINE, every=0.3)
        if up and not supervisor.asked_to_end:
            announce(wishes, environment, well=well)
        supervisor.run()


def announce(wishes: Wishes, environment: dict[str, str], *, well: bool) -> None:
    """Print where Muster is and, with the demo organisation, how to get in; and when its engine does not run yet."""
    say(f"\nMuster is ready: {environment['MUSTER_URL']}")
    if wishes.demo:
        say(f"Sign in as ana with the password {environment['MUSTER_DEMO_PASSWORD']}")
    if not well:
        say(f"The engine does not run yet, or is behind: {wishes.own_address}/readyz says more.")
    say("Ctrl-C stops it.\n")


def main() -> int:
    """0 after an ordered end, 1 with a sentence on standard error when Muster cannot start."""
    try:
        run(read_wishes(os.environ))
    except (StartRefused, PostgresRefused) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
