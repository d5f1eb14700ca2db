"""A small real server that takes messages and calls as Twilio does, and refuses them as it does."""

import base64
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator
from werkzeug import Request, Response

ACCOUNT = "AC" + "0a" * 16
TOKEN = "the-auth-token"
NUMBER = "+4915735980000"
SCHEMA = json.loads((Path(__file__).parent / "schema.json").read_text())
KINDS = {"Messages": ("api.v2010.account.message", "SM"), "Calls": ("api.v2010.account.call", "CA")}
TYPES = {"string": str, "integer": int, "object": dict}
RFC_2822 = re.compile(r"^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000$")


def breaches(answer: dict[str, Any], name: str) -> list[str]:
    """Where `answer` is not what the schema `name` says; every published property must be there, and no other."""
    properties = SCHEMA[name]["properties"]
    found = [f"{key}: not published" for key in answer.keys() - properties.keys()]
    found += [f"{key}: missing" for key in properties.keys() - answer.keys()]
    for key in answer.keys() & properties.keys():
        rule, value = properties[key], answer[key]
        if value is None:
            found += [] if rule.get("nullable") else [f"{key}: null"]
        elif not isinstance(value, TYPES[rule["type"]]):
            found.append(f"{key}: not a {rule['type']}")
        elif value not in rule.get("enum", [value]) or not re.search(rule.get("pattern", ""), str(value)):
            found.append(f"{key}: {value}")
        elif rule.get("format") == "date-time-rfc-2822" and not RFC_2822.match(str(value)):
            found.append(f"{key}: {value} is no moment")
    return sorted(found)


@dataclass
class FakeTwilio:
    """What it took, as forms, and what it answers instead when told to: an HTTP status and Twilio's error code."""

    url: str = ""
    taken: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    refuses: tuple[int, int, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        """Answer one POST to a resource of the account."""
        given = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {given}":
            return self.refusal(401, 20003, "Authenticate")
        if self.refuses:
            return self.refusal(*self.refuses)
        resource = request.path.rpartition("/")[2].removesuffix(".json")
        form = {name: values[0] for name, values in parse_qs(request.get_data(as_text=True)).items()}
        self.taken.append((resource, form))
        return self.shown(self.resource(resource, form), KINDS[resource][0], 201)

    def refusal(self, status: int, code: int, message: str) -> Response:
        """An error as Twilio writes it."""
        link = f"https://www.twilio.com/docs/errors/{code}"
        return self.shown({"code": code, "message": message, "more_info": link, "status": status}, "error", status)

    def resource(self, resource: str, form: dict[str, str]) -> dict[str, Any]:
        """The whole resource that was made."""
        name, prefix = KINDS[resource]
        sid = f"{prefix}{len(self.taken):032x}"
        known: dict[str, Any] = {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": form.get("Body"),
            "date_created": "Sat, 18 Apr 2026 12:23:00 +0000",
            "date_updated": "Sat, 18 Apr 2026 12:23:00 +0000",
            "direction": "outbound-api",
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1",
            "price_unit": "USD",
            "sid": sid,
            "status": "queued",
            "subresource_uris": {},
            "to": form["To"],
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/{resource}/{sid}.json",
        }
        return {key: known.get(key) for key in SCHEMA[name]["properties"]}

    def shown(self, answer: dict[str, Any], name: str, status: int) -> Response:
        """An answer as JSON, once it has been held against the schema."""
        assert breaches(answer, name) == []
        return Response(json.dumps(answer), status=status, content_type="application/json", headers=self.headers)


def signature_of(address: str, form: dict[str, str], token: str = TOKEN) -> str:
    """What Twilio sends as X-Twilio-Signature with `form` to `address`."""
    return str(RequestValidator(token).compute_signature(address, form))


def serve(httpserver: Any, settings: Any) -> FakeTwilio:
    """A Twilio of this machine; the settings know its account and one number."""
    fake = FakeTwilio(url=httpserver.url_for("").rstrip("/"))
    for resource in KINDS:
        path = f"/2010-04-01/Accounts/{ACCOUNT}/{resource}.json"
        httpserver.expect_request(path, method="POST").respond_with_handler(fake.answer)
    settings.TWILIO_API_URL, settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = fake.url, ACCOUNT, TOKEN
    settings.TWILIO_FROM, settings.TWILIO_MESSAGING_SERVICE_SID = NUMBER, ""
    return fake
