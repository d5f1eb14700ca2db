"""Files are kept with their incident as they were, once."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from accounts.actor import MUSTER
from core.errors import InvalidInput, NotAllowed
from incidents.actions.attachment import keep_attachment
from incidents.enums import MediaType
from incidents.models import Attachment
from tests.factories.checklist import PNG
from tests.factories.incidents import IncidentFactory


def test_a_file_is_kept_with_who_put_it_here_and_its_digest(incident, ana, now):
    kept = keep_attachment(incident, by=ana, now=now, file=SimpleUploadedFile("../graph.png", PNG))

    row = Attachment.objects.get()
    assert (row, row.name, row.media_type, row.size) == (kept, "graph.png", MediaType.PNG, len(PNG))
    assert (row.added_at, row.added_by, bytes(row.content)) == (now, ana.user, PNG)
    assert row.sha256 == hashlib.sha256(PNG).hexdigest()


def test_the_same_bytes_are_kept_once_in_an_incident_under_their_first_name(incident, ana, now):
    first = keep_attachment(incident, by=ana, now=now, file=SimpleUploadedFile("graph.png", PNG))
    again = keep_attachment(incident, by=ana, now=now, file=SimpleUploadedFile("other.png", PNG))
    elsewhere = keep_attachment(IncidentFactory(number=77), by=ana, now=now, file=SimpleUploadedFile("other.png", PNG))

    assert (again, again.name) == (first, "graph.png")
    assert (elsewhere.pk != first.pk, elsewhere.name) == (True, "other.png")


def test_a_file_of_more_than_the_limit_is_refused(incident, ana, now, settings):
    settings.ATTACHMENT_MB = 1
    file = SimpleUploadedFile("big.log", b"x" * (1024 * 1024 + 1))

    with pytest.raises(InvalidInput, match=r"“big\.log” is too large: a file may have 1 MB"):
        keep_attachment(incident, by=ana, now=now, file=file)
    assert Attachment.objects.count() == 0


def test_a_machine_without_a_person_puts_nothing_here(incident, now):
    with pytest.raises(NotAllowed):
        keep_attachment(incident, by=MUSTER, now=now, file=SimpleUploadedFile("graph.png", PNG))


def test_what_is_kept_is_never_changed(incident, ana, now):
    keep_attachment(incident, by=ana, now=now, file=SimpleUploadedFile("graph.png", PNG))

    with pytest.raises(DatabaseError), transaction.atomic():
        Attachment.objects.update(content=b"forged")
    with pytest.raises(DatabaseError), transaction.atomic():
        Attachment.objects.all().delete()
