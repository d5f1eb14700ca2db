"""Which module hands over for which transport."""

from collections.abc import Mapping

from comms.enums import Transport as Name
from comms.transports.apprise import AppriseTransport
from comms.transports.base import Transport
from comms.transports.email import EmailTransport
from comms.transports.gateway import GatewayTransport
from comms.transports.push import PushTransport
from comms.transports.slack import SlackTransport
from comms.transports.twilio import SmsTransport, VoiceTransport
from comms.transports.webhook import WebhookTransport

TRANSPORTS: Mapping[str, Transport] = {
    Name.EMAIL: EmailTransport(),
    Name.WEBHOOK: WebhookTransport(),
    Name.APPRISE: AppriseTransport(),
    Name.SMS: SmsTransport(),
    Name.VOICE: VoiceTransport(),
    Name.GATEWAY: GatewayTransport(),
    Name.PUSH: PushTransport(),
    Name.SLACK: SlackTransport(),
}
