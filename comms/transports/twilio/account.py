"""Our account at Twilio: what is posted to it, and whether a request to us truly comes from it."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from twilio.request_validator import RequestValidator

from comms.transports.base import PermanentFailure, Receipt, TemporaryFailure
from comms.transports.http import ACCOUNT, exchange, refusal_of

VERSION = "2010-04-01"


def create(resource: str, form: Mapping[str, str]) -> Receipt:
    """Post `form` to `resource` (Messages, Calls) of our account. Raises what transports raise."""
    account = settings.TWILIO_ACCOUNT_SID
    if not account:
        raise PermanentFailure("No phone account is set: TWILIO_ACCOUNT_SID is empty.")
    address = f"{settings.TWILIO_API_URL}/{VERSION}/Accounts/{account}/{resource}.json"
    with exchange("POST", address, data=form, auth=(account, settings.TWILIO_AUTH_TOKEN)) as answer:
        said = _read(answer)
        if answer.is_success and said.get("sid"):
            return Receipt(f"Twilio took it as {said['sid']} ({said.get('status')}).", their_key=str(said["sid"]))
        raise _refusal(answer, said)


def sender() -> dict[str, str]:
    """`{"From": …}` or `{"MessagingServiceSid": …}`, as the settings say. Raises PermanentFailure for neither."""
    if settings.TWILIO_MESSAGING_SERVICE_SID:
        return {"MessagingServiceSid": settings.TWILIO_MESSAGING_SERVICE_SID}
    return {"From": own_number()}


def own_number() -> str:
    """The number that calls. Raises PermanentFailure when none is set."""
    if not settings.TWILIO_FROM:
        raise PermanentFailure("No number is set to send from: TWILIO_FROM is empty.")
    return str(settings.TWILIO_FROM)


def report_address(key: UUID) -> str:
    """Where Twilio says what became of the message with this key."""
    return str(settings.MUSTER_URL) + reverse("comms:delivery-report", args=[key])


def is_signed(request: HttpRequest) -> bool:
    """Whether the signature of this request is that of our account, over the address that Twilio was given.

    The address is MUSTER_URL and the path: what a proxy makes of the host does not count. Without an account nothing
    is signed.
    """
    if not settings.TWILIO_AUTH_TOKEN:
        return False
    signature = request.headers.get("X-Twilio-Signature", "")
    address = settings.MUSTER_URL + request.get_full_path()
    return bool(RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(address, request.POST, signature))


def _read(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; an empty one where there is none."""
    try:
        said = json.loads(answer.read())
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _refusal(answer: httpx.Response, said: dict[str, Any]) -> TemporaryFailure | PermanentFailure:
    """Twilio's own words with its error code (twilio.com/docs/api/errors)."""
    code = f" {said['code']}" if said.get("code") else ""
    words = f"Twilio said {answer.status_code}{code}: {said.get('message') or answer.reason_phrase or 'nothing'}"
    return TemporaryFailure(words) if answer.is_success else refusal_of(answer, words, ours=ACCOUNT)
