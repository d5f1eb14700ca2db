"""Our app at a Slack of this machine."""

from typing import Any

import pytest

from tests.comms.transports.slack.workspace import SECRET, TOKEN, FakeSlack


@pytest.fixture
def slack(httpserver: Any, settings: Any) -> FakeSlack:
    """The workspace of the settings."""
    fake = FakeSlack()
    httpserver.expect_request("/api/chat.postMessage", method="POST").respond_with_handler(fake.post_message)
    httpserver.expect_request("/actions/T1/2/3", method="POST").respond_with_handler(fake.respond)
    settings.SLACK_API_URL = httpserver.url_for("/api/")
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = TOKEN, SECRET
    return fake
