"""The small ladder with two phases, and files as a browser sends them."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actor import Actor
from incidents.actions.declare import declare_incident
from incidents.enums import Evidence, Gate, ItemKind, PhaseAnchor
from incidents.models import ChecklistItem, Incident, LadderVersion
from tests.factories.checklist import PNG
from tests.factories.incidents import level_of
from tests.factories.ladder import PhaseFactory, PhaseItemFactory

CHECK = {"kind": ItemKind.CHECK, "holds": Gate.RESOLVE}


@pytest.fixture
def ladder(ladder: LadderVersion) -> LadderVersion:
    """Triage: a step, one of SEV1, one of the API. Verify: a check with a file, one with a note, one to close."""
    triage = PhaseFactory(version=ladder, position=1, slug="triage", name="Triage", ends_after="5 min")
    PhaseItemFactory(phase=triage, position=1, text="Check recent deployments")
    PhaseItemFactory(phase=triage, position=2, text="Call the executive", levels=["SEV1"])
    PhaseItemFactory(phase=triage, position=3, text="Tell API customers", flag="api")
    verify = PhaseFactory(version=ladder, position=2, slug="verify", name="Verify", anchor=PhaseAnchor.MITIGATED)
    PhaseItemFactory(phase=verify, position=1, text="Errors are back", evidence=Evidence.FILE, **CHECK)
    PhaseItemFactory(phase=verify, position=2, text="Users are asked", evidence=Evidence.NOTE, **CHECK)
    PhaseItemFactory(phase=verify, position=3, text="Everyone is told", kind=ItemKind.CHECK, holds=Gate.CLOSE)
    return ladder


@pytest.fixture
def incident(ladder: LadderVersion, ana: Actor, now: datetime) -> Incident:
    """A SEV2 that Ana declared now, with what that level asks."""
    return declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Pipeline blocks spiking")


def upload(name: str = "graph.png", content: bytes = PNG) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


def number_of(incident: Incident, text: str) -> int:
    """The number of the item that says `text`."""
    return next(item.number for item in items(incident) if item.text == text)


def items(incident: Incident) -> list[ChecklistItem]:
    """Every item there is, asked or not, in the order of the policy."""
    return list(incident.checklist.with_texts().in_order())


def history(incident: Incident, text: str) -> list[tuple[str, str]]:
    """(outcome, note) of every mark of one item, oldest first."""
    item = incident.checklist.get(number=number_of(incident, text))
    return list(item.marks.order_by("pk").values_list("outcome", "note"))
