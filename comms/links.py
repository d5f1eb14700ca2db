"""The signed link of a test page: whoever holds it received the message, and that is all it proves."""

from datetime import datetime

from django.core.signing import BadSignature, Signer

from comms.models import ReachProof
from comms.models.proof import LASTS
from core.errors import Refused

SALT = "muster.comms.proof"


def sign_proof(proof: ReachProof) -> str:
    """The token with which a test page is confirmed for 24 hours."""
    return _signer().sign(str(proof.pk))


def read_proof(token: str, now: datetime) -> ReachProof:
    """The test page of a token. Raises Refused with a sentence for the person."""
    try:
        pk = int(_signer().unsign(token))
    except (BadSignature, ValueError) as error:
        raise Refused("This link is not complete. Open it again from the message.") from error
    proof = ReachProof.objects.select_related("contact_point__user").filter(pk=pk).first()
    if proof is None or now >= proof.sent_at + LASTS:
        raise Refused("This link has ended, 24 hours after its test page. Page yourself again to prove it anew.")
    return proof


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")
