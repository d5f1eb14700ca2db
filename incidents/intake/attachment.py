"""What a file is: its name says what it claims, and its content has to prove it."""

import unicodedata

import puremagic

from core.errors import InvalidInput
from incidents.enums import MediaType

LONGEST_NAME = 120
HEAD = 8192  # bytes in which every kind that is kept shows itself
PICTURES = {MediaType.PNG, MediaType.JPEG, MediaType.GIF, MediaType.WEBP}
TEXTS = {MediaType.TEXT, MediaType.CSV, MediaType.JSON}
ENDINGS: dict[str, MediaType] = {
    "png": MediaType.PNG,
    "jpg": MediaType.JPEG,
    "jpeg": MediaType.JPEG,
    "gif": MediaType.GIF,
    "webp": MediaType.WEBP,
    "pdf": MediaType.PDF,
    "txt": MediaType.TEXT,
    "log": MediaType.TEXT,
    "md": MediaType.TEXT,
    "": MediaType.TEXT,
    "csv": MediaType.CSV,
    "json": MediaType.JSON,
    "zip": MediaType.ZIP,
    "gz": MediaType.GZIP,
    "tgz": MediaType.GZIP,
}
ALSO_CALLED = {"application/x-gzip": "application/gzip", "application/x-zip-compressed": "application/zip"}
KEPT = "Pictures (PNG, JPEG, GIF, WebP), PDF, plain text, CSV, JSON, ZIP and gzip can be kept."


def clean_name(name: str) -> str:
    """The last part of a path as one line without anything invisible, at most 120 characters with its ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    plain = " ".join(shown.split()).strip(". ") or "file"
    if len(plain) <= LONGEST_NAME:
        return plain
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:
        return plain[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 2]}…{dot}{ending}"


def find_media_type(name: str, content: bytes) -> MediaType:
    """The kind of `content`, called `name`. Raises InvalidInput for a kind that is not kept, or that it is not."""
    stem, dot, ending = name.rpartition(".")
    media = ENDINGS.get(ending.lower() if dot and stem else "")
    if media is None:
        raise InvalidInput(f"“{name}” is of a kind that cannot be kept. {KEPT}", field="file")
    if not content:
        raise InvalidInput(f"“{name}” is empty.", field="file")
    if media in TEXTS:
        if not _is_text(content):
            raise InvalidInput(f"“{name}” is no plain text in UTF-8. {KEPT}", field="file")
    elif media not in _found_in(content):
        raise InvalidInput(f"“{name}” is not what its name says: there is no {media.label} in it.", field="file")
    return media


def _found_in(content: bytes) -> set[str]:
    try:
        found = {match.mime_type for match in puremagic.magic_string(content[:HEAD])}
    except puremagic.PureError:  # nothing that it knows
        return set()
    return {ALSO_CALLED.get(each, each) for each in found}


def _is_text(content: bytes) -> bool:
    """UTF-8 without control characters, but for those of lines, tabs and colours."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(ord(each) < 32 and each not in "\t\n\r\f\x1b" for each in set(text))
