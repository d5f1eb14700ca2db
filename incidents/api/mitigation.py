"""Mitigations for machines: the catalogue, begin one, say what it did, what is left, roll it back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import actor_of
from core.filling import names_in
from core.wire import Asked, Problem
from incidents.actions.mitigation import answer_mitigation, note_remaining, roll_back_mitigation, start_mitigation
from incidents.api.door import REFUSALS, act, incident_of, made_before, plain

router = Router()


class MitigationAsked(Asked):
    """One of the catalogue by its slug, its {names} filled in from `values`; or in words, with its command if any.

    Somebody owes an answer at `check_at`, by the catalogue's own time if that is left out. Muster runs no command.
    One `submission_key` begins one mitigation.
    """

    option: str = ""
    values: dict[str, str] = {}
    name: str = ""
    command: str = ""
    check_at: AwareDatetime | None = None
    submission_key: UUID | None = None


class EffectAsked(Asked):
    """`effective`, `partial`, `none` or `worse`.

    `seen` is the outcome that was shown when this was decided, empty for none: when it is another by now, nothing is
    changed (409).
    """

    outcome: str
    seen: str | None = None


class RemainingAsked(Asked):
    """What is left, in one line."""

    text: str


class OptionShown(Schema):
    """A way to stop the bleeding, as the policy has it; `names` are those that its commands want as `values`."""

    slug: str
    name: str
    when: str
    risk: str
    speed: str
    command: str
    way_back: str
    target: str
    names: list[str]


class MitigationShown(Schema):
    """What was done about it, and what became of it: `effective`, `partial`, `none`, `worse`, or not known yet.

    `way_back` is the command that undoes it; it is looked at again at `check_at`, and `target` is seen when it works.
    """

    number: int
    name: str
    command: str
    way_back: str
    target: str
    started_at: datetime
    check_at: datetime | None
    outcome: str
    remaining: str


ANSWERS = {200: MitigationShown, **REFUSALS}


@router.get(
    "/incidents/{reference}/mitigation-options",
    response={200: list[OptionShown], 404: Problem},
    url_name="mitigation-options",
)
def mitigation_options(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """The catalogue of the incident's policy, in its order."""
    rows = incident_of(request, reference).level.version.mitigations.order_by("position")
    names = (dict.fromkeys([*names_in(row.command), *names_in(row.way_back)]) for row in rows)
    return [{**plain(OptionShown, row), "names": list(wants)} for row, wants in zip(rows, names, strict=True)]


@router.get(
    "/incidents/{reference}/mitigations",
    response={200: list[MitigationShown], 404: Problem},
    url_name="mitigation-list",
)
def mitigation_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """Every mitigation of an incident, in the order in which they were begun."""
    rows = incident_of(request, reference).mitigations.order_by("number")
    return [plain(MitigationShown, row) for row in rows]


@router.post(
    "/incidents/{reference}/mitigations", response={201: MitigationShown, **ANSWERS}, url_name="mitigation-start"
)
def mitigation_start(request: HttpRequest, reference: str, asked: MitigationAsked) -> Status:
    """Somebody does it now, with the command to run. The same `submission_key` again answers 200 with the first."""
    incident, key = incident_of(request, reference), asked.submission_key
    made = start_mitigation(incident, by=actor_of(request), now=timezone.now(), **asked.dict())
    row = made or made_before(incident.mitigations.all(), key, at="started_at", by="started_by")
    return Status(201 if made else 200, plain(MitigationShown, row))


@router.post("/incidents/{reference}/mitigations/{number}/outcome", response=ANSWERS, url_name="mitigation-answer")
def mitigation_answer(request: HttpRequest, reference: str, number: int, asked: EffectAsked) -> dict[str, Any]:
    """What it did. The same again changes nothing, another answer replaces it."""
    return plain(MitigationShown, act(answer_mitigation, request, reference, number=number, **asked.dict()))


@router.post("/incidents/{reference}/mitigations/{number}/remaining", response=ANSWERS, url_name="remaining-note")
def remaining_note(request: HttpRequest, reference: str, number: int, asked: RemainingAsked) -> dict[str, Any]:
    """What is left after it helped in part."""
    return plain(MitigationShown, act(note_remaining, request, reference, number=number, text=asked.text))


@router.post(
    "/incidents/{reference}/mitigations/{number}/roll-back",
    response={201: MitigationShown, **REFUSALS},
    url_name="mitigation-roll-back",
)
def mitigation_roll_back(request: HttpRequest, reference: str, number: int) -> Status:
    """Undo it: a mitigation of its own, with the way back as its command."""
    return Status(201, plain(MitigationShown, act(roll_back_mitigation, request, reference, number=number)))
