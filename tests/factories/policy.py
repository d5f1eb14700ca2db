"""Policies as they ship: the rows of a preset, applied by the action that everybody uses."""

from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from accounts.actor import MUSTER
from incidents.actions.ladder import apply_document
from incidents.models import LadderVersion, Level
from incidents.policy_file import PolicyDocument, read_document, read_file_or_preset
from incidents.queries.ladder import current_version
from tests.factories import NOW


def read_preset(name: str) -> PolicyDocument:
    """The preset `name`, checked; a document never changes, so each is read once for each zone of the organisation."""
    return _read_preset(name, settings.TIME_ZONE)


@cache
def _read_preset(name: str, zone: str) -> PolicyDocument:
    """The preset, whose calendar is in `zone`, that of the settings, where the file names none."""
    assert zone == settings.TIME_ZONE
    text, called = read_file_or_preset(name)
    return read_document(text, source=called)


def whole_policy() -> str:
    """A policy file that says something of every kind that a policy can say."""
    return Path(__file__).with_name("whole.yaml").read_text(encoding="utf-8")


def preset_text(name: str) -> str:
    """The preset `name` as it stands in its file."""
    return read_file_or_preset(name)[0].decode()


def apply_preset(name: str, now: datetime = NOW) -> LadderVersion:
    """The preset `name`, applied: the version in force with all its rows fetched."""
    version = apply_document(read_preset(name), by=MUSTER, now=now)
    return fetched(version)


def apply_text(text: str, now: datetime = NOW) -> LadderVersion:
    """A policy file, applied."""
    return fetched(apply_document(read_document(text), by=MUSTER, now=now))


def fetched(version: LadderVersion) -> LadderVersion:
    """The version in force of the same ladder, with its rows."""
    current = current_version(version.ladder)
    assert current is not None
    return current


def level_of(version: LadderVersion, name: str) -> Level:
    """The level of `version` called `name`."""
    return next(level for level in version.levels.all() if level.name == name)
