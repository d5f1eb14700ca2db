"""Items of an incident's checklist, what was said of them, and files."""

import hashlib
from typing import Any

import factory

from incidents.enums import CheckOutcome, MediaType
from incidents.models import Attachment, ChecklistItem, ChecklistMark, EntryFile
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory
from tests.factories.ladder import PhaseItemFactory
from tests.factories.rows import RowFactory

# The smallest picture that there is: one grey point.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a4944415478da6364f80f00010501012718e366"
    "0000000049454e44ae426082"
)


class ChecklistItemFactory(RowFactory[ChecklistItem]):
    """An open step of a phase; `item=None, action=…` for one of a runbook."""

    class Meta:
        model = ChecklistItem

    incident = factory.SubFactory(IncidentFactory)
    number = factory.Sequence(lambda number: number + 1)
    item = factory.SubFactory(PhaseItemFactory)
    added_at = factory.SelfAttribute("incident.declared_at")


class ChecklistMarkFactory(RowFactory[ChecklistMark]):
    """Somebody says that it passed."""

    class Meta:
        model = ChecklistMark

    item = factory.SubFactory(ChecklistItemFactory)
    outcome = CheckOutcome.PASSED
    at = NOW
    by = factory.SubFactory(UserFactory)


class AttachmentFactory(RowFactory[Attachment]):
    """A screenshot of one point; each differs in what follows the end of the picture."""

    class Meta:
        model = Attachment

    incident = factory.SubFactory(IncidentFactory)
    name = "graph.png"
    media_type = MediaType.PNG
    content = factory.Sequence(lambda number: PNG + str(number).encode())
    added_at = NOW
    added_by = factory.SubFactory(UserFactory)

    @factory.lazy_attribute
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.content)

    @factory.lazy_attribute
    def sha256(self) -> Any:
        """The digest of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


class EntryFileFactory(RowFactory[EntryFile]):
    """A screenshot beside a note."""

    class Meta:
        model = EntryFile

    entry = factory.SubFactory(TimelineEntryFactory)
    attachment = factory.SubFactory(AttachmentFactory, incident=factory.SelfAttribute("..entry.incident"))
    added_at = NOW
    added_by = factory.SubFactory(UserFactory)
