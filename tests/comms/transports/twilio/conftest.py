"""Our account at a Twilio of this machine."""

from typing import Any

import pytest

from tests.comms.transports.twilio.account import FakeTwilio, serve


@pytest.fixture
def twilio(httpserver: Any, settings: Any) -> FakeTwilio:
    """The server of the settings."""
    return serve(httpserver, settings)
