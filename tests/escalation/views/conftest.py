"""A Slack of this machine, where pages are answered."""

from typing import Any

import pytest

from tests.comms.transports.slack.workspace import FakeSlack, serve


@pytest.fixture
def slack(httpserver: Any, settings: Any) -> FakeSlack:
    """The workspace of the settings."""
    return serve(httpserver, settings)
