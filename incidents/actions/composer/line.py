"""One line, and what it means: a note, a note dated back, or a command."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput
from core.moments import parse_moment, show_clock
from incidents.actions.attachment import put_files, words_of_files
from incidents.actions.composer.command import COMMANDS
from incidents.actions.submission import claim_submission
from incidents.actions.timeline import add_entry
from incidents.models import Incident, TimelineEntry
from incidents.permissions import check_can_respond

DATED = re.compile(r"^~?(?P<moment>\d{1,2}:\d{2}(?::\d{2})?|-\d{1,4}\s?(?:s|min|m|h))(?:\s+(?P<rest>.*))?$", re.DOTALL)


@dataclass(frozen=True)
class Posted:
    """What a line did: the entry that it wrote, if it was a note, and a sentence for the one who typed it."""

    entry: TimelineEntry | None
    said: str


@transaction.atomic
def post_line(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    line: str,
    files: Sequence[UploadedFile] = (),
    submission_key: UUID | None = None,
) -> Posted:
    """Carry out one line of the composer; `files` are put beside its note, which may be nothing but them.

    `14:15 text` and `-10m text` date a note back, in the writer's zone, both times kept; `~14:15` means about then.
    `/command` does what COMMANDS
    says; `//text` is a note that begins with a slash; everything else is a note. The same `submission_key` again does
    nothing. Raises Refused with a sentence, and then nothing was written.
    """
    check_can_respond(by, incident)
    submission = claim_submission(submission_key, by=by, now=now, incident=incident)
    if submission and submission.was_here_before:
        return Posted(None, "Posted already.")
    line = line.strip()
    if line.startswith("/") and not line.startswith("//"):
        if files:
            raise InvalidInput("A command takes no file; post the file with a note, or alone.", field="line")
        return _run(incident, by=by, now=now, line=line)
    moment, text = split_moment(line, by=by, now=now)
    if text.startswith("//"):
        text = text[1:]
    elif moment and text.startswith("/"):
        raise InvalidInput("A command happens now; leave out the time, or write // for a note.", field="line")
    elif not text and files:
        text = words_of_files(files)
    is_about = moment is not None and line.startswith("~")
    entry = add_entry(incident, by=by, now=now, text=text, happened_at=moment, is_about=is_about)
    put_files(entry, by=by, now=now, files=files)
    about = "about " if is_about else ""
    return Posted(entry, f"Noted at {about}{show_clock(moment, by.zone)}." if moment else "Noted.")


def split_moment(line: str, *, by: Actor, now: datetime) -> tuple[datetime | None, str]:
    """`14:15 text` as that moment in the writer's zone, and the text. Raises InvalidInput for a time without words."""
    match = DATED.match(line)
    if match is None:
        return None, line
    moment = parse_moment(match["moment"].replace(" ", ""), now=now, zone=by.zone)
    rest = (match["rest"] or "").strip()
    if not rest:
        raise InvalidInput(f"What happened at {show_clock(moment, by.zone)}? Write it behind the time.", field="line")
    return moment, rest


def _run(incident: Incident, *, by: Actor, now: datetime, line: str) -> Posted:
    word, _, rest = line[1:].partition(" ")
    command = COMMANDS.get(word.lower())
    if command is None:
        known = " ".join(f"/{name}" for name in COMMANDS)
        raise InvalidInput(
            f"There is no command /{word}; there are {known}. For a note, write //{word}.", field="line"
        )
    return Posted(None, command.run(incident, by, now, rest.strip()))
