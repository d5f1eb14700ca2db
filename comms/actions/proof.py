"""“Page me now”: a real urgent page to every contact point of the chain, which its person confirms."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from accounts.actor import Actor
from accounts.models import User
from comms.actions.message import queue_message
from comms.enums import MessageKind, Transport, Urgency
from comms.links import sign_proof
from comms.models import ContactPoint, Message, ReachProof
from comms.models.proof import LASTS, TRIES
from comms.permissions import check_can_set_reach
from comms.plan import Try, tries
from comms.queries.reach import points_of
from core.errors import InvalidInput, WrongState

NEXT_AFTER = timedelta(minutes=1)


@transaction.atomic
def start_proofs(user: User, *, by: Actor, now: datetime) -> list[ReachProof]:
    """Page `user` by the whole urgent chain as if something burned, each contact point once; the test pages.

    Queues one urgent message for each, at its moment in the chain. Nothing stops the later ones: each proves itself.
    Raises NotAllowed unless it is `by`'s own or `by` configures, WrongState for somebody whom nothing reaches and
    within a minute of the last test.
    """
    check_can_set_reach(user, by)
    User.objects.select_for_update().get(pk=user.pk)
    lines: dict[int, Try] = {}
    for one in tries(points_of([user])[user.pk], Urgency.URGENT):
        if not one.reason:
            lines.setdefault(one.point.pk, one)
    if not (lines and user.is_active):
        raise WrongState(f"Nothing reaches {user}: there is no contact point that is switched on.")
    if ReachProof.objects.filter(contact_point__user=user, sent_at__gt=now - NEXT_AFTER).exists():
        raise WrongState("A test page has just left. Wait a minute, then page again.")
    return [_start(one, by.user or user, now) for one in lines.values()]


@transaction.atomic
def confirm_proof(proof: ReachProof, *, by: Actor, now: datetime) -> ReachProof:
    """Note that the test page arrived; its contact point counts as verified from then on, if it was not before.

    Once more changes nothing. Raises WrongState a day after it was asked for.
    """
    row = ReachProof.objects.select_for_update(of=("self",)).select_related("contact_point__user").get(pk=proof.pk)
    if row.confirmed_at:
        return row
    if not row.is_open(now):
        raise WrongState("This test page is over, a day after it was asked for. Page again to prove it anew.")
    row.confirmed_at = max(now, row.sent_at)
    row.save(update_fields=["confirmed_at"])
    ContactPoint.objects.filter(pk=row.contact_point_id, verified_at=None).update(verified_at=now)
    return row


def confirm_proof_by_code(user: User, *, by: Actor, now: datetime, code: str) -> ReachProof:
    """Confirm the test page of `user` whose message carries `code`, as confirm_proof does.

    A wrong code is counted on each test page that is open, and that stays although it raises; five end it. Raises
    NotAllowed unless it is `by`'s own or `by` configures, InvalidInput for a code of none.
    """
    check_can_set_reach(user, by)
    typed = "".join(code.split())
    with transaction.atomic():
        rows = ReachProof.objects.select_for_update(of=("self",)).filter(
            contact_point__user=user, confirmed_at=None, sent_at__gt=now - LASTS, wrong__lt=TRIES
        )
        for proof in rows.select_related("contact_point__user"):
            if constant_time_compare(proof.code, typed):
                return confirm_proof(proof, by=by, now=now)
        ReachProof.objects.filter(pk__in=[proof.pk for proof in rows]).update(wrong=F("wrong") + 1)
    raise InvalidInput("No open test page has this code.", field="code")


def note_handed_over(message: Message, *, now: datetime) -> bool:
    """Note that the test page of `message`, if it is one, has been handed over; whether it was one."""
    return bool(ReachProof.objects.filter(message=message, handed_over_at=None).update(handed_over_at=now))


def _start(one: Try, asked_by: User, now: datetime) -> ReachProof:
    proof = ReachProof.objects.create(contact_point=one.point, asked_by=asked_by, sent_at=now)
    rows = queue_message(
        now=now,
        kind=MessageKind.TEST,
        urgency=Urgency.URGENT,
        subject="[TEST] Muster rings you: did this reach you?",
        body=f"Nothing burns. {_how(proof)} to confirm, or type the code {_said(proof)} on your page in Muster.",
        link=reverse("comms:proof-confirm", args=[sign_proof(proof)]),
        dedup_key=f"test:{proof.pk}",
        to=one.point,
        deliver_after=now + one.after,
    )
    proof.message = rows[0]
    proof.save(update_fields=["message"])
    return proof


def _how(proof: ReachProof) -> str:
    """How its person confirms it from where it arrives: a word comes back by SMS, where the gateway brings it."""
    come_back = {Transport.SMS, *([Transport.GATEWAY] if settings.SMS_GATEWAY_INCOMING_SECRET else [])}
    return "Reply OK or open the link" if proof.contact_point.transport in come_back else "Open the link"


def _said(proof: ReachProof) -> str:
    return ", ".join(proof.code) if proof.contact_point.transport == Transport.VOICE else proof.code
