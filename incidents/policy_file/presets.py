"""The policies that ship with Muster, by name, and files by path."""

from pathlib import Path

from core.errors import InvalidInput

FOLDER = Path(__file__).resolve().parent.parent / "policies"


def preset_names() -> list[str]:
    """The names of the shipped presets."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read_file_or_preset(name: str) -> tuple[bytes, str]:
    """The bytes of the preset called `name`, else of the file at that path; and how to call it in a sentence.

    Raises InvalidInput when there is neither.
    """
    if name in preset_names():
        return (FOLDER / f"{name}.yaml").read_bytes(), f"preset {name}"
    path = Path(name)
    if path.is_file():
        try:
            return path.read_bytes(), name
        except OSError as error:
            raise InvalidInput(f"{name} cannot be read: {error.strerror}.") from error
    raise InvalidInput(f"There is no file {name} and no preset of that name; presets are {', '.join(preset_names())}.")
