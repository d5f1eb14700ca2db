"""The post office in the admin: addresses are set here, the outbox is only read."""

from comms.admin.contact_point import ContactPointAdmin, ContactRuleAdmin
from comms.admin.failed_receiver import FailedReceiverAdmin
from comms.admin.message import MessageAdmin
from comms.admin.subscription import SubscriptionAdmin

__all__ = ["ContactPointAdmin", "ContactRuleAdmin", "FailedReceiverAdmin", "MessageAdmin", "SubscriptionAdmin"]
