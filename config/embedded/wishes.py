"""What the environment asks of `make run`, and the few secrets that are made when it names none."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent.parent
YES = {"1", "true", "yes", "on"}
MAIL_INTO_FILES = "django.core.mail.backends.filebased.EmailBackend"
EVERY_ADDRESS = {"0.0.0.0", "::"}


class StartRefused(Exception):
    """The stack cannot start; the text says why and what to do."""


@dataclass(frozen=True)
class Wishes:
    """How to start. `database_url` is None when Muster runs its own PostgreSQL; `demo` fills it with an example."""

    data_dir: Path
    host: str
    port: int
    url: str
    database_url: str | None
    demo: bool

    @property
    def own_address(self) -> str:
        """Where this machine reaches the web server: http://host:port."""
        host = "127.0.0.1" if self.host in EVERY_ADDRESS else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def read_wishes(environment: Mapping[str, str]) -> Wishes:
    """The wishes in `environment`; an empty variable counts as unset. Raises StartRefused for a PORT that is none."""
    port = environment.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise StartRefused(f"PORT must be a number from 1 to 65535, not {port!r}.")
    database_url = environment.get("DATABASE_URL") or None
    demo = environment.get("MUSTER_DEMO") or ""
    return Wishes(
        data_dir=Path(environment.get("MUSTER_DATA_DIR") or HERE / ".data").absolute(),
        host=environment.get("HOST") or "127.0.0.1",
        port=int(port),
        url=environment.get("MUSTER_URL") or "",
        database_url=database_url,
        demo=demo.strip().lower() in YES if demo else database_url is None,
    )


def kept_secret(path: Path, size: int = 24) -> str:
    """The secret kept in `path`: `size` random bytes as base64url, made once and readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as kept:
            kept.write(secrets.token_urlsafe(size))
    return path.read_text().strip()


def environment_for(wishes: Wishes, environment: Mapping[str, str], database_url: str) -> dict[str, str]:
    """What the children find in their environment: every wish spelt out, secrets made where none are given."""
    made = {
        "DATABASE_URL": database_url,
        "MUSTER_DATA_DIR": str(wishes.data_dir),
        "MUSTER_URL": wishes.url or wishes.own_address,
        "MUSTER_SECRET_KEY": environment.get("MUSTER_SECRET_KEY") or kept_secret(wishes.data_dir / "secret-key"),
        "MUSTER_PUSH_KEY": environment.get("MUSTER_PUSH_KEY") or kept_secret(wishes.data_dir / "push-key", 32),
        "PYTHONUNBUFFERED": "1",
    }
    # The stack asks its own web server whether it is ready, whatever address the links have.
    hosts = [environment.get("MUSTER_ALLOWED_HOSTS") or "", "" if wishes.host in EVERY_ADDRESS else wishes.host]
    made["MUSTER_ALLOWED_HOSTS"] = ",".join(host for host in hosts if host)
    if wishes.demo:
        password = environment.get("MUSTER_DEMO_PASSWORD") or kept_secret(wishes.data_dir / "demo-password")
        made["MUSTER_DEMO_PASSWORD"] = password
        if not environment.get("EMAIL_HOST") and not environment.get("EMAIL_BACKEND"):
            made["EMAIL_BACKEND"] = MAIL_INTO_FILES  # in <data_dir>/mail: a page of the demo can be seen to arrive
    return {**environment, **made}
