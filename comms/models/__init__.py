"""The nouns of the post office."""

from comms.models.awake import AwakeSpan
from comms.models.code import ContactCode
from comms.models.contact_point import ContactPoint, ContactRule
from comms.models.delivery import Delivery
from comms.models.discreet import DiscreetSubject
from comms.models.engine import EngineReport, EngineTick
from comms.models.failed_receiver import FailedReceiver
from comms.models.message import Message
from comms.models.monitor import OutsideMonitor
from comms.models.proof import ReachProof
from comms.models.subscription import Subscription

__all__ = [
    "AwakeSpan",
    "ContactCode",
    "ContactPoint",
    "ContactRule",
    "Delivery",
    "DiscreetSubject",
    "EngineReport",
    "EngineTick",
    "FailedReceiver",
    "Message",
    "OutsideMonitor",
    "ReachProof",
    "Subscription",
]
