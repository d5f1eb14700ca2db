"""WhiteNoise as the clients of tests need it: its some 250 files are looked up once for a process."""

from functools import cache

from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile


class ListedOnce(WhiteNoiseMiddleware):
    """Each client of a test loads every middleware anew; what lies in our folders stays the same."""

    def add_files_from_finders(self) -> None:
        """Take the list that the first made."""
        self.files = _files()


@cache
def _files() -> dict[str, StaticFile]:
    """The address of each static file, and what is answered there."""
    return WhiteNoiseMiddleware().files
