"""Files beside an entry of the timeline: with the note, or added to it later."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from accounts.actor import MUSTER
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.actions.attachment import MOST_FILES, add_files
from incidents.actions.composer import post_line
from incidents.enums import EntryKind
from incidents.models import Attachment, EntryFile
from tests.factories.accounts import ActorFactory
from tests.factories.checklist import PNG, EntryFileFactory
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory
from tests.incidents.actions.conftest import texts


def shot(name: str = "graph.png", more: bytes = b"") -> SimpleUploadedFile:
    """A screenshot."""
    return SimpleUploadedFile(name, PNG + more)


def log(name: str = "trace.log", text: bytes = b"it broke") -> SimpleUploadedFile:
    """A log."""
    return SimpleUploadedFile(name, text)


def names(entry) -> list[str]:
    """What its files are called."""
    return [row.attachment.name for row in entry.entry_files.all()]


def test_a_note_keeps_its_files_with_who_put_them_there(incident, ana, now):
    entry = post_line(incident, by=ana, now=now, line="~14:15 the graph", files=[shot(), log()]).entry

    assert (entry.text, names(entry)) == ("the graph", ["graph.png", "trace.log"])
    assert {(row.added_at, row.added_by) for row in entry.entry_files.all()} == {(now, ana.user)}


@pytest.mark.parametrize(
    ("files", "words"), [([shot()], "Screenshot"), ([log()], "File"), ([shot(), log()], "2 files")]
)
def test_files_alone_are_a_note(incident, ana, now, files, words):
    entry = post_line(incident, by=ana, now=now, line="  ", files=files).entry

    assert (entry.kind, entry.text) == (EntryKind.NOTE, words)


@pytest.mark.parametrize(
    ("line", "file", "sentence"),
    [
        ("/status identified", shot(), "A command takes no file"),
        ("look", SimpleUploadedFile("run.svg", b"<svg/>"), "of a kind that cannot be kept"),
        ("look", SimpleUploadedFile("run.png", b"no picture"), "not what its name says"),
        ("14:15", shot(), "Write it behind the time"),
    ],
)
def test_a_line_whose_file_cannot_be_kept_writes_nothing(incident, ana, now, line, file, sentence):
    before = texts(incident)
    with pytest.raises(InvalidInput, match=sentence):
        post_line(incident, by=ana, now=now, line=line, files=[file])

    assert (texts(incident), Attachment.objects.count()) == (before, 0)


def test_a_file_is_added_to_an_entry_that_is_there_and_a_line_says_so(incident, ana, now):
    entry = post_line(incident, by=ana, now=now, line="errors rise").entry
    later = now + timedelta(minutes=3)

    add_files(incident, by=ana, now=later, number=entry.number, files=[log()])

    line = incident.entries.get(number=entry.number + 1)
    assert names(entry) == ["trace.log"]
    assert (line.author, line.happened_at) == (ana.user, later)
    assert line.text.startswith(f"added trace.log to entry {entry.number} of ")
    assert line.facts == {"files_of": entry.number, "files": [Attachment.objects.get().sha256]}


def test_the_same_file_again_at_the_same_entry_changes_nothing(incident, ana, now):
    entry = post_line(incident, by=ana, now=now, line="errors rise", files=[log()]).entry

    add_files(incident, by=ana, now=now, number=entry.number, files=[log("other.log")])

    assert (names(entry), texts(incident)[-1]) == (["trace.log"], "errors rise")


def test_files_are_added_to_an_entry_that_is_there_only(incident, ana, now):
    with pytest.raises(InvalidInput, match="There is no entry 70 here"):
        add_files(incident, by=ana, now=now, number=70, files=[log()])
    entry = incident.entries.first()
    with pytest.raises(InvalidInput, match="Choose the files first"):
        add_files(incident, by=ana, now=now, number=entry.number, files=[])
    assert EntryFile.objects.count() == 0


def test_an_entry_holds_no_endless_number_of_files(incident, ana, now):
    many = [log(text=f"line {number}".encode()) for number in range(MOST_FILES + 1)]

    with pytest.raises(InvalidInput, match=f"An entry holds {MOST_FILES} files"):
        post_line(incident, by=ana, now=now, line="logs", files=many)
    assert Attachment.objects.count() == 0


def test_who_only_reads_a_stranger_and_a_machine_put_nothing_there(incident, now):
    entry = incident.entries.first()
    hidden = TimelineEntryFactory(incident=IncidentFactory(number=77, private_to=[ActorFactory().user]))
    for by, place in ((ActorFactory(user__viewer=True), entry), (ActorFactory(), hidden), (MUSTER, entry)):
        with pytest.raises(NotAllowed):
            add_files(place.incident, by=by, now=now, number=place.number, files=[log()])
    assert EntryFile.objects.count() == 0


def test_a_closed_record_takes_no_file(incident, ana, now):
    closed = IncidentFactory(number=88, closed=True)
    entry = TimelineEntryFactory(incident=closed)

    with pytest.raises(WrongState):
        add_files(closed, by=ana, now=now, number=entry.number, files=[log()])


def test_what_stands_beside_an_entry_is_never_taken_away(db):
    row = EntryFileFactory()

    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
    assert str(row) == f"graph.png at {row.entry}"
