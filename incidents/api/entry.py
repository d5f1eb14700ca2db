"""The timeline for machines: note something, run a line of the composer, correct a note, put a file beside it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import File, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime

from accounts.api import actor_of
from core.errors import InvalidInput
from core.wire import Asked
from incidents.actions.attachment import add_files
from incidents.actions.composer import Posted, post_line
from incidents.actions.correction import correct_entry
from incidents.actions.note import post_note
from incidents.api.door import REFUSALS, incident_of
from incidents.export.status_document import files_of
from incidents.export.timeline import whole_entry
from incidents.models import TimelineEntry
from incidents.queries.timeline import entry_of

router = Router()


class EntryAsked(Asked):
    """Either `line`, which is read as the composer of the room reads it, or `text`, which is noted as it stands."""

    line: str | None = None
    text: str | None = None
    happened_at: AwareDatetime | None = None
    submission_key: UUID | None = None


class CorrectionAsked(Asked):
    """What the note should have said; a time in front, as in the room (`14:20 text`), puts its moment right."""

    line: str


class FileShown(Schema):
    """A file beside an entry, its size in bytes; `link` shows it to whoever is signed in and may see the incident."""

    name: str
    size: int
    sha256: str
    link: str


class EntryShown(Schema):
    """One entry of the timeline, as the exported one has it: when it happened, and when that was written down.

    `is_about`: `happened_at` is a guess. `corrects` is the number of the entry that this one puts right, and
    `is_corrected` says that another puts this one right. `facts` are what it is about, before and after.
    """

    number: int
    happened_at: datetime
    is_about: bool
    recorded_at: datetime
    kind: str
    author: str | None
    via: str
    text: str
    corrects: int | None
    is_corrected: bool
    files: list[FileShown]
    facts: dict[str, Any]


class PostedShown(Schema):
    """What a line did, in words, and the entry if it was a note."""

    said: str
    entry: EntryShown | None


@router.post(
    "/incidents/{reference}/entries", response={201: PostedShown, 200: PostedShown, **REFUSALS}, url_name="entry-post"
)
def entry_post(request: HttpRequest, reference: str, asked: EntryAsked) -> Status:
    """Note something, or run a line of the composer. 201 when an entry was added."""
    incident, by, now = incident_of(request, reference), actor_of(request), timezone.now()
    if (asked.line is None) == (asked.text is None):
        raise InvalidInput("Give either a line, as in the room, or a text.", field="text")
    if asked.line is not None:
        if asked.happened_at is not None:
            raise InvalidInput("A line says its own time; give happened_at with a text.", field="happened_at")
        posted = post_line(incident, by=by, now=now, line=asked.line, submission_key=asked.submission_key)
    else:
        text, moment = asked.text or "", asked.happened_at
        posted = post_note(
            incident, by=by, now=now, text=text, happened_at=moment, submission_key=asked.submission_key
        )
    return Status(201 if posted.entry else 200, _posted(posted))


@router.post(
    "/incidents/{reference}/entries/{number}/files", response={201: EntryShown, **REFUSALS}, url_name="entry-files"
)
def entry_files(request: HttpRequest, reference: str, number: int, file: File[UploadedFile]) -> Status:
    """Put a file beside an entry. The same bytes there again change nothing."""
    incident = incident_of(request, reference)
    add_files(incident, by=actor_of(request), now=timezone.now(), number=number, files=[file])
    shown = entry_of(incident, number)
    assert shown is not None  # add_files found it
    return Status(201, entry_shown(shown))


@router.post(
    "/incidents/{reference}/entries/{number}/correction",
    response={201: EntryShown, **REFUSALS},
    url_name="entry-correct",
)
def entry_correct(request: HttpRequest, reference: str, number: int, asked: CorrectionAsked) -> Status:
    """Put a note right: the original stays, struck through, and the new entry names it. Corrected already: 409."""
    incident = incident_of(request, reference)
    entry = correct_entry(incident, by=actor_of(request), now=timezone.now(), number=number, line=asked.line)
    shown = entry_of(incident, entry.number)
    assert shown is not None  # it was written just now
    return Status(201, entry_shown(shown))


def entry_shown(entry: TimelineEntry) -> dict[str, Any]:
    """EntryShown of an entry that was fetched with its author, its marks and its files."""
    files = [{**file, "link": _address_of(file)} for file in files_of(entry)]
    return {**whole_entry(entry), "files": files}


def _address_of(file: dict[str, Any]) -> str:
    return settings.MUSTER_URL + reverse("incidents:attachment-detail", args=[file["incident"], file["sha256"]])


def _posted(posted: Posted) -> dict[str, Any]:
    return {"said": posted.said, "entry": entry_shown(posted.entry) if posted.entry else None}
