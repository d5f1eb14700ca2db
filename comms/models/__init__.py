"""The nouns of the post office."""

from comms.models.contact_point import ContactPoint
from comms.models.delivery import Delivery
from comms.models.engine import EngineTick
from comms.models.message import Message
from comms.models.subscription import Subscription

__all__ = ["ContactPoint", "Delivery", "EngineTick", "Message", "Subscription"]
