"""Files are kept in the database, as they were; an entry of the timeline names those that show what it says."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.moments import show_clock
from incidents.actions.lock import lock_to_act
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.enums import EntryKind
from incidents.intake.attachment import ENDINGS, PICTURES, clean_name, find_media_type
from incidents.models import Attachment, EntryFile, Incident, TimelineEntry

MOST_FILES = 10  # at one entry


def keep_attachment(incident: Incident, *, by: Actor, now: datetime, file: UploadedFile) -> Attachment:
    """Keep `file` with an incident that the caller's transaction has locked; the same bytes again are the first ones.

    Its kind is found in its content, its name becomes one plain line. Writes no entry: what it shows is said by the
    caller. Raises InvalidInput for a file that is too large, empty, or of a kind that is not kept; NotAllowed without
    a person.
    """
    if by.user is None:
        raise NotAllowed("Only a person puts a file here.")
    most = settings.ATTACHMENT_MB
    name = clean_name(file.name or "")
    if file.size is None or file.size > most * 1024 * 1024:
        raise InvalidInput(f"“{name}” is too large: a file may have {most} MB.", field="file")
    content = file.read()
    media_type = find_media_type(name, content)
    kept, _ = Attachment.objects.defer("content").get_or_create(
        incident=incident,
        sha256=hashlib.sha256(content).hexdigest(),
        defaults={
            "name": name,
            "media_type": media_type,
            "size": len(content),
            "content": content,
            "added_at": now,
            "added_by": by.user,
        },
    )
    return kept


def put_files(entry: TimelineEntry, *, by: Actor, now: datetime, files: Sequence[UploadedFile]) -> list[Attachment]:
    """Keep `files` beside `entry`, of an incident that the caller's transaction has locked. Returns those new there.

    Raises what keep_attachment raises, and InvalidInput when the entry would hold more than MOST_FILES.
    """
    new = []
    for file in files:
        kept = keep_attachment(entry.incident, by=by, now=now, file=file)
        assert by.user is not None  # keep_attachment refuses it
        _, is_new = EntryFile.objects.get_or_create(
            entry=entry, attachment=kept, defaults={"added_at": now, "added_by": by.user}
        )
        new += [kept] if is_new else []
    if new and entry.entry_files.count() > MOST_FILES:
        raise InvalidInput(f"An entry holds {MOST_FILES} files; put the others at another one.", field="file")
    return new


@transaction.atomic
def add_files(
    incident: Incident, *, by: Actor, now: datetime, number: int, files: Sequence[UploadedFile]
) -> TimelineEntry:
    """Put `files` beside entry `number`, which was written before; a line of its own says who added what, and when.

    Files that are there already change nothing. A sign of life of a person. Raises InvalidInput for an entry that is
    not there, for no file, and what put_files raises; NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    entry = locked.entries.filter(number=number).first()
    if entry is None:
        raise InvalidInput(f"There is no entry {number} here.", field="number")
    if not files:
        raise InvalidInput("Choose the files first.", field="file")
    entry.incident = locked
    new = put_files(entry, by=by, now=now, files=files)
    if new:
        names = ", ".join(kept.name for kept in new)
        text = f"added {names} to entry {entry.number} of {show_clock(entry.happened_at)}"
        facts = {"files_of": entry.number, "files": [kept.sha256 for kept in new]}
        write_entry(locked, by=by, now=now, text=text, kind=EntryKind.NOTE, facts=facts)
        note_sign_of_life(locked, by=by, now=now)
    return entry


def words_of_files(files: Sequence[UploadedFile]) -> str:
    """What a note says that is nothing but its files."""
    if len(files) > 1:
        return f"{len(files)} files"
    ending = (files[0].name or "").rpartition(".")[2].lower()
    return "Screenshot" if ENDINGS.get(ending) in PICTURES else "File"
