"""Decisions for machines: read them, write one down, say whether it worked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import actor_of
from core.wire import Asked, Problem
from incidents.actions.decision import answer_decision, make_decision
from incidents.api.door import REFUSALS, act, incident_of, made_before, plain

router = Router()


class DecisionAsked(Asked):
    """What was decided; somebody owes an answer at `check_at`. One `submission_key` writes down one decision."""

    text: str
    check_at: AwareDatetime | None = None
    risk: str = ""
    way_back: str = ""
    expected: str = ""
    submission_key: UUID | None = None


class OutcomeAsked(Asked):
    """`worked` or `failed`.

    `seen` is the outcome that was shown when this was decided, empty for none: when it is another by now, nothing is
    changed (409).
    """

    outcome: str
    seen: str | None = None


class DecisionShown(Schema):
    """What was decided, and whether it worked: `worked`, `failed`, or not known yet."""

    number: int
    text: str
    made_at: datetime
    check_at: datetime | None
    outcome: str


ANSWERS = {200: DecisionShown, **REFUSALS}


@router.get(
    "/incidents/{reference}/decisions", response={200: list[DecisionShown], 404: Problem}, url_name="decision-list"
)
def decision_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """Every decision of an incident, in the order in which they were made."""
    rows = incident_of(request, reference).decisions.order_by("number")
    return [plain(DecisionShown, decision) for decision in rows]


@router.post("/incidents/{reference}/decisions", response={201: DecisionShown, **ANSWERS}, url_name="decision-make")
def decision_make(request: HttpRequest, reference: str, asked: DecisionAsked) -> Status:
    """Write down what was decided. The same `submission_key` again answers 200 with the first."""
    incident = incident_of(request, reference)
    made = make_decision(incident, by=actor_of(request), now=timezone.now(), **asked.dict())
    row = made or made_before(incident.decisions.all(), asked.submission_key)
    return Status(201 if made else 200, plain(DecisionShown, row))


@router.post("/incidents/{reference}/decisions/{number}/outcome", response=ANSWERS, url_name="decision-answer")
def decision_answer(request: HttpRequest, reference: str, number: int, asked: OutcomeAsked) -> dict[str, Any]:
    """It worked, or it did not. The same again changes nothing, another answer replaces it."""
    return plain(DecisionShown, act(answer_decision, request, reference, number=number, **asked.dict()))
