"""Change what can break and who owns it."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.rows import check_row
from escalation.models import Service
from escalation.permissions import check_can_configure


@transaction.atomic
def set_service(service: Service, *, by: Actor, now: datetime) -> Service:
    """Keep `service`, new or changed. Raises NotAllowed, InvalidInput with the field at fault."""
    check_can_configure(by)
    check_row(service)
    service.save()
    return service
