"""Hypotheses for machines: read them, put one forward, say what speaks for it and what is thought of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from accounts.api import actor_of
from core.wire import Asked, Problem
from incidents.actions.hypothesis import add_hypothesis, add_line, change_hypothesis, tick_line
from incidents.api.door import REFUSALS, incident_of, made_before, plain
from incidents.models import Hypothesis, Incident
from incidents.queries.work import HypothesisRow

router = Router()


class HypothesisAsked(Asked):
    """What may be behind it; `confidence` in percent. One `submission_key` puts forward one hypothesis."""

    text: str
    confidence: int | None = None
    submission_key: UUID | None = None


class ThoughtAsked(Asked):
    """`open`, `testing`, `ruled_out` or `confirmed`.

    `seen` is the status that was shown when this was decided: when it is another by now, nothing is changed (409).
    """

    status: str
    seen: str | None = None


class LineAsked(Asked):
    """`evidence`, or a `step` to find out; with a new `confidence` in percent if that is given."""

    text: str
    kind: str = "evidence"
    confidence: int | None = None
    submission_key: UUID | None = None


class StepShown(Schema):
    """A step to find out, by its number within the hypothesis; `done_at` once it was taken."""

    number: int
    text: str
    done_at: datetime | None


class HypothesisShown(Schema):
    """What may be behind it; `confidence` in percent."""

    number: int
    text: str
    status: str
    confidence: int | None
    evidence: list[str]
    steps: list[StepShown]


ANSWERS = {200: HypothesisShown, **REFUSALS}


@router.get(
    "/incidents/{reference}/hypotheses",
    response={200: list[HypothesisShown], 404: Problem},
    url_name="hypothesis-list",
)
def hypothesis_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """Every hypothesis of an incident, in the order in which they were put forward."""
    rows = incident_of(request, reference).hypotheses.prefetch_related("lines").order_by("number")
    return [hypothesis_shown(_row(hypothesis)) for hypothesis in rows]


@router.post(
    "/incidents/{reference}/hypotheses", response={201: HypothesisShown, **ANSWERS}, url_name="hypothesis-add"
)
def hypothesis_add(request: HttpRequest, reference: str, asked: HypothesisAsked) -> Status:
    """Put one forward. The same `submission_key` again answers 200 with the first."""
    incident = incident_of(request, reference)
    made = add_hypothesis(incident, by=actor_of(request), now=timezone.now(), **asked.dict())
    row = made or made_before(incident.hypotheses.all(), asked.submission_key)
    return Status(201 if made else 200, hypothesis_shown(_row(row)))


@router.post("/incidents/{reference}/hypotheses/{number}/status", response=ANSWERS, url_name="hypothesis-change")
def hypothesis_change(request: HttpRequest, reference: str, number: int, asked: ThoughtAsked) -> dict[str, Any]:
    """Say what is thought of it now. The same again changes nothing, and the incident's own status stays."""
    incident = incident_of(request, reference)
    change_hypothesis(incident, by=actor_of(request), now=timezone.now(), number=number, **asked.dict())
    return _numbered(incident, number)


@router.post(
    "/incidents/{reference}/hypotheses/{number}/lines", response={201: HypothesisShown, **ANSWERS}, url_name="line-add"
)
def line_add(request: HttpRequest, reference: str, number: int, asked: LineAsked) -> Status:
    """Add evidence or a step. The same `submission_key` again adds nothing and answers 200."""
    incident = incident_of(request, reference)
    line = add_line(incident, by=actor_of(request), now=timezone.now(), number=number, **asked.dict())
    return Status(201 if line else 200, _numbered(incident, number))


@router.post("/incidents/{reference}/hypotheses/{number}/lines/{line}/done", response=ANSWERS, url_name="line-tick")
def line_tick(request: HttpRequest, reference: str, number: int, line: int) -> dict[str, Any]:
    """A step was taken. A second time changes nothing."""
    incident = incident_of(request, reference)
    tick_line(incident, by=actor_of(request), now=timezone.now(), number=number, line=line)
    return _numbered(incident, number)


def hypothesis_shown(row: HypothesisRow) -> dict[str, Any]:
    """HypothesisShown."""
    steps = [plain(StepShown, line) for line in row.steps]
    evidence = [line.text for line in row.evidence]
    return {**plain(HypothesisShown, row.hypothesis), "evidence": evidence, "steps": steps}


def _row(hypothesis: Hypothesis) -> HypothesisRow:
    return HypothesisRow(hypothesis, list(hypothesis.lines.all()))


def _numbered(incident: Incident, number: int) -> dict[str, Any]:
    return hypothesis_shown(_row(incident.hypotheses.get(number=number)))
