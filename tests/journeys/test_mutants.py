"""Each journey holds its preset: with any one thing deleted, it fails."""

import pytest

from tests.journeys import (
    test_policy_follow_the_sun,
    test_policy_pager,
    test_policy_phases,
    test_policy_phases_scenarios,
    test_policy_platform,
    test_policy_response_teams,
)
from tests.journeys.mutants import Journey, mutants_of, sample_of, survivors, untouched
from tests.journeys.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
JOURNEYS: dict[str, Journey] = {
    "follow-the-sun": [test_policy_follow_the_sun],
    "pager": [test_policy_pager],
    "phases": [test_policy_phases, test_policy_phases_scenarios],
    "platform": [test_policy_platform],
    "response-teams": [test_policy_response_teams],
}


@pytest.mark.parametrize("preset", JOURNEYS)
def test_the_journey_fails_without_one_of_some_lines_of_its_preset(preset: str, sink: Sink) -> None:
    assert survivors(JOURNEYS[preset], sample_of(preset), sink) == []


@pytest.mark.mutants
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("preset", JOURNEYS)
def test_the_journey_fails_without_any_line_of_its_preset(preset: str, sink: Sink) -> None:
    journey, whole = JOURNEYS[preset], untouched(preset)

    assert survivors(journey, [whole], sink) == [str(whole)]
    assert survivors(journey, mutants_of(preset), sink) == []
