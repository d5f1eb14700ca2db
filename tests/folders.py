"""Folders for tests that start a PostgreSQL of their own: pytest's are closed to the user it runs as under root."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / ".data" / "test-folders"


@contextmanager
def own_folder() -> Iterator[Path]:
    """An empty folder that is removed afterwards."""
    ROOT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=ROOT))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
