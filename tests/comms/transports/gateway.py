"""A small real SMS gateway: it takes texts as JSON, names them, and posts what became of them."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from werkzeug import Request, Response

SECRET = "open-report"


@dataclass
class FakeGateway:
    """What it took, in order; the first is called gw-1."""

    taken: list[dict[str, str]] = field(default_factory=list)

    def take(self, request: Request) -> Response:
        """Answer one text."""
        self.taken.append(json.loads(request.get_data()))
        said = {"messages": [{"id": f"gw-{len(self.taken)}", "status": "0"}]}
        return Response(json.dumps(said), content_type="application/json")

    def report(self, secret: str = SECRET, *, as_json: bool = False, **fields: str) -> Any:
        """Post `fields` to the door for reports, without any cookie."""
        how = {"content_type": "application/json"} if as_json else {}
        return Client(enforce_csrf_checks=True).post(f"/in/sms/report/{secret}/", fields, **how)


def serve(httpserver: Any, settings: Any) -> FakeGateway:
    """A gateway of this machine; the settings know it, and where it says how it calls a text."""
    fake = FakeGateway()
    httpserver.expect_request("/sms", method="POST").respond_with_handler(fake.take)
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_ID_PATH = httpserver.url_for("/sms"), "messages.0.id"
    settings.SMS_GATEWAY_REPORT_SECRET = SECRET
    return fake
