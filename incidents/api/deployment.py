"""Deployments for machines: CI posts what it deployed."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import actor_of
from core.wire import Asked
from incidents.actions.deployment import Said, record_deployment
from incidents.api.door import REFUSALS, service_named
from incidents.permissions import check_can_record_deployment

router = Router()


class DeploymentAsked(Asked):
    """What was deployed; `service` by its slug. The same `id` of the same `source` is the same deployment."""

    service: str
    version: str
    deployed_at: AwareDatetime | None = None
    by: str = ""
    url: str = ""
    source: str = ""
    id: str = ""


class DeploymentShown(Schema):
    """A deployment as it is kept."""

    service: str
    version: str
    deployed_at: datetime
    by: str
    url: str
    source: str
    id: str


@router.post(
    "/deployments", response={201: DeploymentShown, 200: DeploymentShown, **REFUSALS}, url_name="deployment-post"
)
def deployment_post(request: HttpRequest, asked: DeploymentAsked) -> Status:
    """Write down a deployment, from CI. The same `id` of the same `source` again answers 200 with the first."""
    by = actor_of(request)
    check_can_record_deployment(by)
    service = service_named(asked.service)
    said = Said(service, asked.version, asked.deployed_at, asked.by, asked.url, asked.source, asked.id)
    row, is_new = record_deployment(said, by=by, now=timezone.now())
    kept = {name: getattr(row, name) for name in ("version", "deployed_at", "by", "url", "source")}
    return Status(201 if is_new else 200, {**kept, "service": row.service.slug, "id": row.external_id})
