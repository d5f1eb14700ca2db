"""Read settings from the environment: one place that knows how a variable is spelt.

Every name read through here must stand in `env.example`; tests/house holds the two together.
"""

import os
from urllib.parse import parse_qsl, unquote, urlsplit


def text(name: str, default: str = "") -> str:
    """The variable as text; an empty variable counts as unset."""
    return os.environ.get(name) or default


def flag(name: str, default: bool = False) -> bool:
    """The variable as yes or no: 1, true, yes and on are yes."""
    value = os.environ.get(name)
    return default if not value else value.strip().lower() in {"1", "true", "yes", "on"}


def whole_number(name: str, default: int) -> int:
    """The variable as a whole number. Raises ValueError, naming the variable, for anything else."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a whole number, not {value!r}") from error


def database(url: str) -> dict[str, object]:
    """A `postgresql://user:password@host:port/name?option=value` address as Django's DATABASES entry.

    `?host=/folder` names a Unix socket folder. Raises ValueError for any other scheme.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL must begin with postgresql://, not {parts.scheme or 'nothing'}://")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", unquote(parts.hostname or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
