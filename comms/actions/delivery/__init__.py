"""Hand over what is due: take a lease, send outside of any transaction, then write down what came of it.

Sending is at least once. A worker that dies leaves a lease behind; when that is over, the next sweep notes the attempt
as lost and sends again with the same key, which a receiver that honours keys sees only once.
"""

from comms.actions.delivery.claim import LEASE, Claim, claim_due, still_wanted
from comms.actions.delivery.ending import ATTEMPTS
from comms.actions.delivery.outcome import record_outcomes
from comms.actions.delivery.sweep import SWEEP, deliver_due

__all__ = [
    "ATTEMPTS",
    "LEASE",
    "SWEEP",
    "Claim",
    "claim_due",
    "deliver_due",
    "record_outcomes",
    "still_wanted",
]
