"""How much a request may upload at all: what is far too large is refused before a byte of it is kept."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

MOST_TIMES = 4  # a file a little too large still reaches its form, whose sentence says so


class LimitedUpload(MemoryFileUploadHandler):
    """Stands first, for everybody: forms are read before anybody knows who sent them."""

    def handle_raw_input(self, *given: Any, **named: Any) -> None:
        """Raise RequestDataTooBig (answered with 400) for a request of more than four times the largest file."""
        length = given[2]
        if length > MOST_TIMES * settings.ATTACHMENT_MB * 1024 * 1024:
            raise RequestDataTooBig("The request is larger than anything that can be kept here.")
        super().handle_raw_input(*given, **named)
