"""Tests share the presets that they read, but never the zone of another test."""

from typing import Any

import pytest

from tests.factories.policy import read_preset


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_preset_is_in_the_zone_of_the_organisation(settings: Any, zone: str) -> None:
    for before in ("UTC", "Europe/Berlin"):
        settings.TIME_ZONE = before
        read_preset("pager")
    settings.TIME_ZONE = zone

    assert str(read_preset("pager").calendar.zone) == zone
