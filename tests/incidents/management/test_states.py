"""docs/states.md is made from the tables and cannot rot."""

from io import StringIO
from types import ModuleType
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import TextChoices

from incidents import states
from incidents.management.commands.states import document


class DoorStatus(TextChoices):
    """Where a door stands."""

    OPEN = "open", "Open"
    SHUT = "shut", "Shut"
    LOCKED = "locked", "Locked"


@pytest.fixture
def doors() -> Any:
    """A workflow with two tables beside its transitions, and one that is of something else."""
    module: Any = ModuleType("doors")
    module.TRANSITIONS = {
        DoorStatus.OPEN: frozenset({DoorStatus.SHUT}),
        DoorStatus.SHUT: frozenset({DoorStatus.LOCKED, DoorStatus.OPEN}),
        DoorStatus.LOCKED: frozenset(),
    }
    module.SOUND = {DoorStatus.OPEN: "none", DoorStatus.SHUT: "bang", DoorStatus.LOCKED: "click"}
    module.KEPT_OUT = frozenset({DoorStatus.SHUT, DoorStatus.LOCKED})
    module.UNRELATED = {"window": "glass"}
    return module


def test_a_workflow_is_drawn_and_its_tables_stand_side_by_side(doors):
    assert document([doors]).partition("## ")[2] == (
        "Door status\n\nWhere a door stands.\n\n"
        "```mermaid\nstateDiagram-v2\n    [*] --> open\n    open --> shut\n    shut --> open\n    shut --> locked\n"
        "    locked --> [*]\n```\n\n"
        "| State | May be followed by | Sound | Kept out |\n| --- | --- | --- | --- |\n"
        "| Open | Shut | none |  |\n| Shut | Open, Locked | bang | yes |\n| Locked | nothing | click | yes |\n"
    )


def test_what_was_written_is_what_the_check_compares(tmp_path):
    file = tmp_path / "docs" / "states.md"

    call_command("states", file=file)
    call_command("states", "--check", file=file)

    assert "    resolved --> closed\n" in file.read_text()


def test_the_check_fails_on_a_stale_file_and_leaves_it_alone(tmp_path, monkeypatch):
    file = tmp_path / "states.md"
    call_command("states", file=file)
    before = file.read_text()
    monkeypatch.setitem(states.TRANSITIONS, states.S.CLOSED, frozenset({states.S.RESOLVED}))

    with pytest.raises(CommandError, match="is stale; run"):
        call_command("states", "--check", file=file, stdout=StringIO())

    assert file.read_text() == before


def test_the_check_fails_when_there_is_no_file(tmp_path):
    with pytest.raises(CommandError, match="is stale; run"):
        call_command("states", "--check", file=tmp_path / "states.md")


def test_every_status_has_its_followers():
    assert set(states.TRANSITIONS) == set(states.S)
