"""What a provider says later of what it has taken: did it reach the phone?"""

from datetime import datetime

from django.db import transaction

from comms.actions.delivery import SWEEP
from comms.actions.throttle import bring_forward
from comms.enums import Report
from comms.intake.report import IncomingReport
from comms.models import Delivery, Message
from core.queue import ring

FINAL = {Report.ARRIVED, Report.FAILED}


@transaction.atomic
def record_report(message: Message, incoming: IncomingReport, *, now: datetime) -> Delivery | None:
    """Note `incoming` at the attempt that it is about, the newest where it names none; that attempt.

    Reports come in any order and more than once: the first that is final stays. A message that did not arrive brings
    the next channel of its person forward at once, as one does that could not be handed over. Sends nothing itself.
    None when nothing was ever sent.
    """
    Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    attempts = message.deliveries.order_by("-number")
    named = attempts.filter(their_key=incoming.name).first() if incoming.name else None
    delivery = named or attempts.first()
    if delivery is None or delivery.report in FINAL:
        return delivery
    delivery.report, delivery.report_detail, delivery.reported_at = incoming.report, incoming.words[:200], now
    delivery.save(update_fields=["report", "report_detail", "reported_at"])
    if incoming.report == Report.FAILED and bring_forward([message], now=now):
        ring(SWEEP)
    return delivery
