"""Our account at a Twilio of this machine."""

from typing import Any

import pytest

from tests.comms.transports.twilio.account import ACCOUNT, NUMBER, TOKEN, FakeTwilio


@pytest.fixture
def twilio(httpserver: Any, settings: Any) -> FakeTwilio:
    """The server of the settings, which know its account and one number."""
    fake = FakeTwilio(url=httpserver.url_for("").rstrip("/"))
    for resource in ("Messages", "Calls"):
        path = f"/2010-04-01/Accounts/{ACCOUNT}/{resource}.json"
        httpserver.expect_request(path, method="POST").respond_with_handler(fake.answer)
    settings.TWILIO_API_URL, settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = fake.url, ACCOUNT, TOKEN
    settings.TWILIO_FROM, settings.TWILIO_MESSAGING_SERVICE_SID = NUMBER, ""
    return fake
