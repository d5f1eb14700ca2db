"""Which test page a word from a phone can mean."""

from collections.abc import Collection
from datetime import datetime

from accounts.models import User
from comms.enums import MessageKind, Transport
from comms.models import Message, ReachProof
from comms.models.proof import LASTS


def proof_at(people: Collection[User], transport: Transport, address: str, now: datetime) -> ReachProof | None:
    """The newest test page that was handed over to `address` of one of `people` and may be confirmed. One query."""
    rows = ReachProof.objects.filter(
        contact_point__user__in=people,
        contact_point__transport=transport,
        contact_point__address=address,
        handed_over_at__isnull=False,
        confirmed_at=None,
        sent_at__gt=now - LASTS,
    )
    return rows.select_related("contact_point__user").order_by("-handed_over_at", "-pk").first()


def was_rung_since(proof: ReachProof) -> bool:
    """Whether a page has left for the person of a test page that was handed over, at the same moment or later."""
    rung = Message.objects.filter(user=proof.contact_point.user, kind=MessageKind.PAGE)
    return rung.filter(sent_at__gte=proof.handed_over_at).exists()
