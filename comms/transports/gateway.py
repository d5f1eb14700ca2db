"""SMS by any provider that takes one HTTP request: address, headers and body are templates of the settings.

`{to}`, `{text}` and `{key}` are put in as the place demands: percent-encoded in the address and in a form, escaped in
JSON. The key is the message's own and the same on every attempt, for providers that honour it, and for their reports.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings
from django.http import HttpRequest

from comms.intake.fields import read_object
from comms.transports.base import Envelope, PermanentFailure, Receipt
from comms.transports.http import ACCOUNT, exchange, first_words, refusal_of
from comms.transports.short import short_text

PLACE = re.compile(r"\{(to|text|key)\}")
SAID = 200


class GatewayTransport:
    """One text. What counts as taken is a status code, and where the provider says it in JSON, a value there."""

    def send(self, envelope: Envelope) -> Receipt:
        """Hand it over. Answers 401, 403, 408, 425, 429, 5xx and none may pass later; others never."""
        if not settings.SMS_GATEWAY_URL:
            raise PermanentFailure("No gateway is set: SMS_GATEWAY_URL is empty.")
        text = short_text(envelope, takes_replies=bool(settings.SMS_GATEWAY_INCOMING_SECRET))
        words = {"to": envelope.address, "text": text, "key": str(envelope.key)}
        headers = read_headers(settings.SMS_GATEWAY_HEADERS)
        address = _fill(settings.SMS_GATEWAY_URL, words, _percent)
        body = _fill(settings.SMS_GATEWAY_BODY, words, _escape_for(headers)).encode()
        headers = {name: _fill(value, words, _percent) for name, value in headers.items()}
        method = settings.SMS_GATEWAY_METHOD.upper()
        with exchange(method, address, content=None if method == "GET" else body, headers=headers) as answer:
            return _judge(answer)


def fields_of(request: HttpRequest) -> dict[str, object]:
    """What a gateway posts to us, as a form or as one JSON object."""
    if "json" in (request.content_type or ""):
        return read_object(request.body)
    return dict(request.POST.dict())


def read_headers(text: str) -> dict[str, str]:
    """A JSON object of texts. Raises PermanentFailure for anything else."""
    try:
        headers = json.loads(text or "{}")
    except ValueError as error:
        raise PermanentFailure(f"SMS_GATEWAY_HEADERS is not JSON: {error}") from error
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise PermanentFailure("SMS_GATEWAY_HEADERS is one JSON object of texts.")
    return {name.lower(): value for name, value in headers.items()}


def _judge(answer: httpx.Response) -> Receipt:
    said = f"HTTP {answer.status_code}"
    if not _is_taken(answer.status_code):
        raise refusal_of(answer, said + first_words(answer), ours=ACCOUNT)
    if not (settings.SMS_GATEWAY_JSON_PATH or settings.SMS_GATEWAY_ID_PATH):
        return Receipt(said)
    body = answer.read()
    their_key = _value_at(body, settings.SMS_GATEWAY_ID_PATH)
    if not settings.SMS_GATEWAY_JSON_PATH:
        return Receipt(said, their_key)
    found = _value_at(body, settings.SMS_GATEWAY_JSON_PATH)
    if found in settings.SMS_GATEWAY_JSON_VALUES.split(","):
        return Receipt(f"{said}, {settings.SMS_GATEWAY_JSON_PATH} is {found}", their_key)
    raise PermanentFailure(
        f"{said}, but {settings.SMS_GATEWAY_JSON_PATH} is {found or 'missing'}: {body[:SAID].decode(errors='replace')}"
    )


def _is_taken(status: int) -> bool:
    wanted = [each for each in settings.SMS_GATEWAY_STATUSES.split(",") if each]
    return str(status) in wanted if wanted else 200 <= status < 300


def _value_at(body: bytes, path: str) -> str:
    """The value at `messages.0.status` as text; empty where there is none."""
    try:
        found: Any = json.loads(body)
    except ValueError:
        return ""
    for step in path.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None else str(found)


def _fill(template: str, words: dict[str, str], escape: Callable[[str], str]) -> str:
    return PLACE.sub(lambda place: escape(words[place[1]]), template)


def _escape_for(headers: dict[str, str]) -> Callable[[str], str]:
    kind = headers.get("content-type", "")
    if "json" in kind:
        return _json
    return _percent if "urlencoded" in kind else str


def _percent(text: str) -> str:
    return quote(text, safe="")


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
