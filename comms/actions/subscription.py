"""Standing channels."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from comms.models import Subscription
from comms.permissions import check_can_set_subscription
from core.rows import check_row


@transaction.atomic
def set_subscription(subscription: Subscription, *, by: Actor, now: datetime) -> Subscription:
    """Keep `subscription` as it stands now, new or changed.

    Messages that are queued keep the address of their moment. Tells nobody.
    Raises NotAllowed unless `by` configures, InvalidInput for what cannot be reached.
    """
    check_can_set_subscription(by)
    check_row(subscription)
    subscription.save()
    return subscription
