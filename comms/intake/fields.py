"""The fields of what a provider posts, by whichever of their usual names. Pure."""

import json
from collections.abc import Mapping


def read_object(body: bytes) -> dict[str, object]:
    """The JSON object in `body`; an empty one for anything else."""
    try:
        found = json.loads(body)
    except ValueError:  # bytes that are no text among them
        return {}
    return found if isinstance(found, dict) else {}


def first_of(fields: Mapping[str, object], names: tuple[str, ...]) -> str:
    """The first of `names` that has a word or a number, as text; empty when none has."""
    found = (fields[name] for name in names if isinstance(fields.get(name), str | int) and fields[name])
    return plain(str(next(found, "")))


def plain(text: str) -> str:
    """Without what the database cannot keep."""
    return "".join(letter for letter in text if letter != "\x00" and not "\ud800" <= letter <= "\udfff")
