"""The level by API: raised and taken back, lowered with a reason."""

from datetime import timedelta

import pytest

pytestmark = pytest.mark.django_db


def test_it_is_raised_and_taken_back_within_ten_seconds(incident, press, moment):
    raised = press("severity", {"level": "sev1", "seen": "SEV2"})
    moment.shift(timedelta(seconds=9))
    back = press("severity/take-back", {})
    late = press("severity/take-back", {})

    assert [(status, shown["level"]) for status, shown in (raised, back)] == [(200, "SEV1"), (200, "SEV2")]
    rows = incident.entries.order_by("number").values_list("text", "author__handle", "via")
    assert list(rows) == [
        ("Raised from SEV2 to SEV1", "ana", "api"),
        ("Taken back: it stays SEV2", "ana", "api"),
    ]
    sentence = "It is too late to take it back: the level has taken effect. Lower it with a reason."
    assert late == (409, {"detail": sentence, "field": ""})


def test_it_is_lowered_with_a_reason(incident, press):
    status, shown = press("severity", {"level": "SEV3", "reason": "one customer"})

    assert (status, shown["level"]) == (200, "SEV3")
    assert incident.entries.get().text == "Lowered from SEV2 to SEV3: one customer"


@pytest.mark.parametrize(
    ("asked", "status", "detail", "field"),
    [
        ({"level": "SEV3"}, 422, "To lower it to SEV3, say why.", "reason"),
        ({"level": "SEV2"}, 422, "It is SEV2 already.", "level"),
        ({"level": "P9"}, 422, "“P9” is no level here; there are SEV1, SEV2, SEV3.", "level"),
        ({}, 422, "Give “level”.", "level"),
        ({"level": "SEV1", "seen": "SEV3"}, 409, "Somebody was quicker: it is SEV2. Look again first.", ""),
    ],
)
def test_a_level_that_makes_no_sense_is_refused_and_changes_nothing(incident, press, asked, status, detail, field):
    assert press("severity", asked) == (status, {"detail": detail, "field": field})

    incident.refresh_from_db()
    assert (incident.level.name, incident.entries.count()) == ("SEV2", 0)
