"""The checklist for machines: what is to be done or seen, and how it stands."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Form, Router, Schema, UploadedFile

from accounts.api import actor_of
from core.errors import InvalidInput
from core.wire import Asked, Problem
from incidents.actions.checklist.check import MARKS, tick_item
from incidents.api.door import REFUSALS, incident_of
from incidents.models import ChecklistItem, Incident
from incidents.queries.checklist import ChecklistPart, checklist, with_checklist

router = Router()


class MarkAsked(Asked):
    """`passed`, `failed`, `not_applicable` or `open`, and in the `note` what was seen, or why."""

    outcome: str = "passed"
    note: str = ""


class ItemShown(Schema):
    """A step to take, or with `is_check` a point to verify, and how it stands.

    `evidence` is what passing it asks for: none, note or file; `holds` what it holds back while it is to do: none,
    resolve or close; `file` is the address of the one that was added.
    """

    number: int
    text: str
    is_check: bool
    evidence: str
    holds: str
    command: str
    link: str
    outcome: str
    note: str
    marked_at: datetime | None
    marked_by: str | None
    file: str | None


class PartShown(Schema):
    """The items of one phase or runbook; the time box runs from `begins_at` to `ends_at`, where there is one."""

    key: str
    name: str
    begins_at: datetime | None
    ends_at: datetime | None
    items: list[ItemShown]


ANSWERS = {200: ItemShown, **REFUSALS}


@router.get("/incidents/{reference}/checklist", response={200: list[PartShown], 404: Problem}, url_name="checklist")
def checklist_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """Every phase and runbook that asks something, in the order of the policy."""
    return [_part(part) for part in _parts(incident_of(request, reference))]


@router.post("/incidents/{reference}/checklist/{number}", response=ANSWERS, url_name="checklist-mark")
def checklist_mark(request: HttpRequest, reference: str, number: int, asked: MarkAsked) -> dict[str, Any]:
    """Say how an item stands. A check that fails while the incident is watched takes it back to investigating."""
    incident = incident_of(request, reference)
    if asked.outcome not in MARKS:
        raise InvalidInput(f"“{asked.outcome[:20]}” is none of {', '.join(MARKS)}.", field="outcome")
    mark = MARKS[asked.outcome]
    mark(incident, by=actor_of(request), now=timezone.now(), number=number, note=asked.note)
    return _item_of(incident, number)


@router.post("/incidents/{reference}/checklist/{number}/evidence", response=ANSWERS, url_name="checklist-evidence")
def checklist_evidence(
    request: HttpRequest, reference: str, number: int, file: File[UploadedFile], note: Form[str] = ""
) -> dict[str, Any]:
    """An item passed, with the file that shows it, as a form."""
    incident = incident_of(request, reference)
    tick_item(incident, by=actor_of(request), now=timezone.now(), number=number, note=note, file=file)
    return _item_of(incident, number)


def _parts(incident: Incident) -> list[ChecklistPart]:
    return checklist(with_checklist(Incident.objects.filter(pk=incident.pk)).select_related("service").get())


def _item_of(incident: Incident, number: int) -> dict[str, Any]:
    return next(_item(item) for part in _parts(incident) for item in part.items if item.number == number)


def _part(part: ChecklistPart) -> dict[str, Any]:
    plain = {name: getattr(part, name) for name in ("key", "name", "begins_at", "ends_at")}
    return {**plain, "items": [_item(item) for item in part.items]}


def _item(item: ChecklistItem) -> dict[str, Any]:
    return {
        **{name: getattr(item, name) for name in ("number", "text", "is_check", "evidence", "holds")},
        **{name: getattr(item, name) for name in ("outcome", "note", "marked_at")},
        "command": item.filled_command,
        "link": item.filled_link,
        "marked_by": item.marked_by.handle if item.marked_by else None,
        "file": settings.MUSTER_URL + item.attachment.get_absolute_url() if item.attachment else None,
    }
