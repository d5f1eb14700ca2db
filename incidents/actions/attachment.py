"""Files are kept in the database, as they were."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed
from incidents.intake.attachment import clean_name, find_media_type
from incidents.models import Attachment, Incident


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
