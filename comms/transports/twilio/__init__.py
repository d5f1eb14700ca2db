"""Twilio (twilio.com/docs/usage/api): SMS and calls go out, and what it asks of us is signed."""

from comms.transports.twilio.sms import SmsTransport
from comms.transports.twilio.voice import VoiceTransport

__all__ = ["SmsTransport", "VoiceTransport"]
