"""How much a request may upload at all: what is far too large is refused before a byte of it is kept."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MOST_TIMES = 4  # a file a little too large still reaches its form, whose sentence says so


class LimitedUpload(FileUploadHandler):
    """Stands before Django's own handlers, for everybody: forms are read before anybody knows who sent them."""

    def handle_raw_input(
        self, input_data: Any, meta: dict[str, str], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        """Raise RequestDataTooBig (answered with 400) for a request of more than four times the largest file."""
        if content_length > MOST_TIMES * settings.ATTACHMENT_MB * 1024 * 1024:
            raise RequestDataTooBig("The request is larger than anything that can be kept here.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand it on to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Keep nothing itself."""
        return None
